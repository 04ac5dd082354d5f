export { chaosConfig, type ChaosSettings } from './config.ts';
export { createChaos, type Chaos, type ChaosNeeds } from './create-chaos.ts';
export type { ChaosRule } from './rules.ts';

export { changesChannel, createAnnouncer, type Change } from './announcer.ts';
export type { Backplane } from './backplane.ts';
export {
  defineChannel,
  type Auth,
  type Channel,
  type ChannelContract,
  type Invalidation,
  type Params,
  type SendOptions,
} from './channel.ts';
export { realtimeConfig, type RealtimeSettings } from './config.ts';
export { createRealtime, type RealtimeNeeds } from './create-realtime.ts';
export type { Realtime, RealtimeStats } from './realtime.ts';

export type { Broker } from './broker.ts';
export { startKafka } from './kafka.ts';
export { startRabbit } from './rabbitmq.ts';

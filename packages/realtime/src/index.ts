export {
  defineChannel,
  type Auth,
  type Channel,
  type ChannelContract,
  type Invalidation,
  type Params,
  type SendOptions,
} from './channel.ts';
export type { Realtime, RealtimeStats } from './realtime.ts';

export { connect } from './connect.ts';
export type { ChannelRef, Client, Subscriber } from './client.ts';
export type { LinkState } from './link.ts';
export { liveQueries, type Change, type LiveQueries, type Queries } from './live-queries.ts';

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Auth, Channel, ChannelContract } from './channel.ts';

export interface RealtimeStats {
  readonly connections: number;
  /** Those of them that are WebSockets. */
  readonly sockets: number;
  readonly users: number;
  readonly channels: number;
  /** Bytes that readers have not taken yet. */
  readonly backlogBytes: number;
}

export interface Realtime {
  /** Before the first connection. @throws {Problem} `realtime.bad_channel` for a pattern given twice. */
  channel<message>(contract: ChannelContract<message>): Channel<message>;
  /** Answers `GET /rt?ch=…` and keeps the response open. The caller has authenticated the request. */
  sse(request: IncomingMessage, response: ServerResponse, auth: Auth): void;
  /**
   * Answers `GET /rt/ws` with a WebSocket (RFC 6455). The response is one that Node's `upgrade` has left the socket
   * to, with no byte sent; the caller has authenticated the request, and listens to the socket's errors.
   */
  ws(request: IncomingMessage, response: ServerResponse, auth: Auth): void;
  /** `POST /rt/{conn}/channels`: the set of a connection from now on. False: no such connection of this session. */
  setChannels(connection: string, channels: readonly string[], auth: Auth): Promise<boolean>;
  /** Ends the connections of a session, or of a user, with 4004; or with 4005 when the session has expired. */
  revoke(who: { session: string } | { user: string }, why?: 'revoked' | 'expired'): number;
  disconnect(connection: string): boolean;
  stats(): RealtimeStats;
  /** Tells all to come back elsewhere, spread over 10 s, and closes. */
  drain(deadlineMs?: number): Promise<{ finished: number; cancelled: number }>;
  /** Ends the connections to other processes, after all that publishes has ended. */
  stop(): Promise<void>;
}

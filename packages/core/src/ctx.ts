import type { Clock } from './clock.ts';
import type { Span } from './instruments.ts';
import type { Log } from './log.ts';

/** A UUIDv7 of module identity, or `'none'`: then no tenant table can be read. */
export type TenantId = string;

/** Who acts. Roles are turned into permissions by module identity, once a request. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'system' | 'operator' | 'anonymous';
  readonly id: string;
  readonly permissions: ReadonlySet<string>;
}

/** A point in a database's log. Ordered by timeline, then by lsn. */
export interface Position {
  readonly cluster: string;
  readonly timeline: number;
  readonly lsn: bigint;
}

/** What a client has seen or written: later reads must not be older. Monotone: a lower position changes nothing. */
export interface PositionSession {
  get(cluster?: string): Position | undefined;
  advance(position: Position): void;
  /** Reads go to the primary: for work that belongs to no client, and so can show no position. */
  readonly reads?: 'primary';
  /** A failover lost what this client had written. It is told, and goes on from what there is. */
  lose?(): void;
  /** Newest position of the cache's log, opaque here. */
  cache?: string;
}

/** The peer of the request, where there is one. */
export interface ClientInfo {
  readonly ip: string;
  readonly userAgent: string;
  /** Hash of the session's id, hex: names the session, opens nothing. */
  readonly session?: string;
  /** Signed cookie of an earlier sign-in on this device. */
  readonly device?: string;
}

/** What travels with a request through every call, always as the first argument. */
export interface Ctx {
  readonly reqId: string;
  /** W3C Trace Context. */
  readonly traceparent: string;
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly client?: ClientInfo;
  /** An instant of `clock.mono()`, in ms. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly position: PositionSession;
  /** Set by @plinth/postgres while a write is open. */
  readonly unitOfWork?: unknown;
  readonly span: Span;
  readonly clock: Clock;
  readonly log: Log;
}

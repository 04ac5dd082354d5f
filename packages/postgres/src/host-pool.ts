import type { Connection } from './connection.ts';
import type { PoolStats } from './database.ts';
import type { BatchAnswer, Wire } from './wire/wire.ts';

export interface DrainReport {
  readonly finished: number;
  readonly cancelled: number;
}

export interface LaneOptions {
  readonly signal: AbortSignal;
  /** At most 1,000: what may take longer has a connection of its own. */
  readonly timeoutMs: number;
}

/** One statement with what says whose it is. */
export interface LaneRead {
  readonly signal: AbortSignal;
  readonly wire: Wire;
  /** All that must be said before it. */
  scope(): Wire;
  /**
   * The same where the lane's session has what all its reads have in common. It names the tenant, so that reads
   * of others may stand before it and behind it; undefined without a tenant.
   */
  laneScope(): Wire | undefined;
}

/**
 * The connections of one host: lanes, which many callers share at once for short reads, and exclusive ones,
 * which one caller has until it gives it back. Which host serves whom is not decided here.
 */
export interface HostPool {
  /** `host/kind` in metrics is made of it. */
  readonly name: string;
  /**
   * Sends reads as one batch over a shared lane: scope, proof and query in one flight and one snapshot rule.
   *
   * @returns also where a statement failed or the lane was lost, with what had come until then.
   * @throws {Problem} `postgres.unavailable` when there is no connection, `postgres.draining`.
   */
  batch(wires: readonly Wire[], options: LaneOptions): Promise<BatchAnswer>;
  /** The same for one read, which may leave in one batch with others of this tick. */
  read(read: LaneRead): Promise<BatchAnswer>;
  /** @throws {Problem} `postgres.unavailable` when the queue is full, the time is up or nothing listens. */
  acquire(signal: AbortSignal): Promise<Connection>;
  release(connection: Connection): void;
  /** Connections of before are closed as they come back: their prepared statements no longer fit. */
  renew(): void;
  /** Every connection ends now, whoever has it: the host is not one to write to any more. */
  abandon(): void;
  /** The exclusive ones first, then the lanes. */
  stats(): PoolStats[];
  /** Refuses new callers and waits for those that are served, at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<DrainReport>;
}

import type { HostPool } from '../host-pool.ts';
import type { HostState } from './attributes.ts';
import type { HostUrl } from './host-url.ts';
import type { Facts } from './probe.ts';

/** Of an answer's time, how much the newest one counts. */
const ewmaShare = 0.2;

/** One server of a cluster, and what is known of it. */
export class Host {
  readonly name: string;
  readonly url: string;
  readonly pool: HostPool;
  /** Reports alone are read there. */
  readonly isReporting: boolean;
  state: HostState = 'unknown';
  /** When it was last asked with an answer, by `clock.mono()`. */
  seenMs = Number.NEGATIVE_INFINITY;
  /** What it said last, also where it says nothing now. */
  facts: Facts | undefined;
  isHeard = false;
  timeline = 0;
  /** When a standby last said which timeline it receives. */
  timelineSeenMs = Number.NEGATIVE_INFINITY;
  /** Replayed, or on a primary inserted. */
  position = 0n;
  lagMs: number | undefined;
  /** Too late to serve, until it has caught up. */
  isLate = false;
  lateProofs = 0;
  probeFailures = 0;
  inFlight = 0;
  #ewmaMs = 1;

  constructor({ name, url, isReporting }: HostUrl, pool: HostPool) {
    this.name = name;
    this.url = url;
    this.isReporting = isReporting === true;
    this.pool = pool;
  }

  get isPrimary(): boolean {
    return this.state === 'primary-rw' || this.state === 'primary-ro';
  }

  /** What a caller would wait for it, relative to others. */
  get load(): number {
    return (this.inFlight + 1) * this.#ewmaMs;
  }

  /** A proof that is newer than what was known. */
  reached(lsn: bigint): void {
    if (lsn > this.position) this.position = lsn;
  }

  took(ms: number): void {
    this.#ewmaMs += ewmaShare * (Math.max(ms, 0.1) - this.#ewmaMs);
  }
}

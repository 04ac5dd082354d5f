import type { Fault } from './connections.ts';
import { Histogram } from './histogram.ts';

export type ErrorKind = Fault | 'status' | 'check' | 'limited' | 'dropped';

/** What happened to the requests of one name. */
export class Tally {
  readonly latency = new Histogram();
  readonly errors = new Map<ErrorKind, number>();
  requests = 0;

  add(latencyUs: number, error?: ErrorKind): void {
    this.requests += 1;
    this.latency.record(latencyUs);
    if (error !== undefined) this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
  }

  /** A limiter's answer is no error of the server; it is counted apart. */
  get failed(): number {
    let sum = 0;
    for (const [kind, count] of this.errors) if (kind !== 'limited') sum += count;
    return sum;
  }

  copy(): Tally {
    const copy = new Tally();
    copy.merge(this);
    return copy;
  }

  merge(other: Tally): void {
    this.requests += other.requests;
    this.latency.merge(other.latency);
    for (const [kind, count] of other.errors)
      this.errors.set(kind, (this.errors.get(kind) ?? 0) + count);
  }
}

/** One second of a run. */
export interface Slice {
  readonly second: number;
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly inFlight: number;
}

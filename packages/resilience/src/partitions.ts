import { Breaker } from './breaker.ts';
import { Bulkhead } from './limits.ts';
import type { BreakerChange, BreakerHandle, BreakerState, PipelineOptions } from './options.ts';

const partitionsMax = 1_000;
const severity: readonly BreakerState[] = ['closed', 'half-open', 'open', 'isolated'];

/** What is judged and bounded by itself: one destination. */
export interface Partition {
  readonly breaker: Breaker;
  readonly bulkhead: Bulkhead | undefined;
}

/** Never opens by itself, but can be isolated. */
const neverTrips = {
  failureRatio: 1,
  windowMs: 10_000,
  minThroughput: Infinity,
  breakMs: 5_000,
  maxBreakMs: 30_000,
  halfOpenCalls: 1,
};

export class Partitions implements BreakerHandle {
  readonly #options: PipelineOptions;
  readonly #random: () => number;
  readonly #keyed = new Map<string, Partition>();
  readonly #listeners = new Set<(change: BreakerChange) => void>();
  readonly main: Partition;
  #isolated: string | undefined;
  changeCount = 0;

  constructor(options: PipelineOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
    this.main = this.#create(undefined);
  }

  /** The least recently used goes when there are too many. */
  of(key: string): Partition {
    const known = this.#keyed.get(key);
    const partition = known ?? this.#create(key);
    if (known !== undefined) this.#keyed.delete(key);
    this.#keyed.set(key, partition);
    if (this.#keyed.size > partitionsMax) {
      for (const oldest of this.#keyed.keys()) {
        this.#keyed.delete(oldest);
        break;
      }
    }
    return partition;
  }

  get all(): readonly Partition[] {
    return [this.main, ...this.#keyed.values()];
  }

  get state(): BreakerState {
    const worst = Math.max(...this.all.map(({ breaker }) => severity.indexOf(breaker.state)));
    return severity[worst] ?? 'closed';
  }

  isolate(why: string): void {
    this.#isolated = why;
    for (const { breaker } of this.all) breaker.isolate(why);
  }

  reset(): void {
    this.#isolated = undefined;
    for (const { breaker } of this.all) breaker.reset();
  }

  on(_event: 'change', listen: (change: BreakerChange) => void): () => void {
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  #create(key: string | undefined): Partition {
    const { breaker = neverTrips, bulkhead, attemptTimeoutMs, totalTimeoutMs } = this.#options;
    const probeMs = attemptTimeoutMs ?? totalTimeoutMs ?? Infinity;
    const created = new Breaker(breaker, {
      random: this.#random,
      probeMs,
      onChange: (from, to, why) => this.#tell({ from, to, key, why }),
    });
    if (this.#isolated !== undefined) created.isolate(this.#isolated);
    return {
      breaker: created,
      bulkhead: bulkhead === undefined ? undefined : new Bulkhead(bulkhead),
    };
  }

  #tell(change: BreakerChange): void {
    this.changeCount += 1;
    for (const listen of this.#listeners) listen(change);
  }
}

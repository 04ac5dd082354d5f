import type { BoundHistogram } from '@plinth/core';

import type {
  BreakerOptions,
  BulkheadOptions,
  CallOptions,
  ChaosSource,
  Outcome,
  PipelineOptions,
  RetryOptions,
} from './options.ts';
import { RateLimit } from './limits.ts';
import { Partitions } from './partitions.ts';
import { refusalOf } from './problems.ts';
import { retryBudget, type RetryBudget } from './retry-budget.ts';
import { Tally } from './tally.ts';
import { isTransientError } from './transient.ts';
import { timingOf, type Ticker, type Wheel } from './wheel.ts';

const none: CallOptions = {};

/** Options of a pipeline, compiled: what each call of it looks up. */
export class Machine {
  readonly name: string;
  readonly totalMs: number;
  readonly attemptMs: number;
  readonly retry: RetryOptions | undefined;
  readonly breaker: BreakerOptions | undefined;
  readonly chaos: ChaosSource | undefined;
  readonly budget: RetryBudget | undefined;
  readonly rateLimit: RateLimit | undefined;
  readonly partitions: Partitions;
  readonly ticker: Ticker;
  readonly wheel: Wheel;
  readonly random: () => number;
  readonly tally: Tally;
  /** Whether values are looked at by anybody: most pipelines judge errors only. */
  readonly judgesValues: boolean;
  readonly slowMs: number;
  readonly #bulkhead: BulkheadOptions | undefined;
  duration: BoundHistogram | undefined;

  constructor(options: PipelineOptions) {
    const { retry, breaker, bulkhead } = options;
    const {
      totalTimeoutMs = Infinity,
      attemptTimeoutMs = Infinity,
      random = Math.random,
    } = options;
    this.name = options.name;
    this.totalMs = totalTimeoutMs;
    this.attemptMs = attemptTimeoutMs;
    this.retry = retry;
    this.breaker = breaker;
    this.chaos = options.chaos;
    this.budget = budgetOf(retry);
    this.rateLimit = rateLimitOf(options);
    const { ticker, wheel } = timingOf(options.clock);
    this.ticker = ticker;
    this.wheel = wheel;
    this.random = random;
    this.partitions = new Partitions(options, this.random);
    this.tally = new Tally();
    this.#bulkhead = bulkhead;
    this.judgesValues = retry?.handle !== undefined || breaker?.handle !== undefined;
    this.slowMs = breaker?.slowCallMs ?? Infinity;
  }

  /** An ill target is refused before anything is made for the call; undefined: it may begin. */
  refusal({ key, signal }: CallOptions = none): Promise<never> | undefined {
    const { breaker } = key === undefined ? this.partitions.main : this.partitions.of(key);
    if (breaker.state === 'closed' || signal?.aborted === true) return undefined;
    const nowMs = this.ticker.mono();
    if (!breaker.refuses(nowMs)) return undefined;
    this.tally.calls.circuit_open += 1;
    return Promise.reject(refusalOf(this.name, breaker, nowMs));
  }

  /** Of the fullest partition; undefined without a bulkhead. */
  usedRatio(): number | undefined {
    const max = this.#bulkhead?.max;
    if (max === undefined) return undefined;
    return Math.max(...this.partitions.all.map(({ bulkhead }) => (bulkhead?.used ?? 0) / max));
  }

  /** How long a call may wait for a place. */
  get queueMs(): number {
    return this.#bulkhead?.queueTimeoutMs ?? Infinity;
  }

  isFailure(outcome: Outcome): boolean {
    if (this.breaker?.handle !== undefined) return this.breaker.handle(outcome);
    return outcome.kind === 'error' && isTransientError(outcome.error);
  }

  isWorthRetrying(outcome: Outcome): boolean {
    if (this.retry?.handle !== undefined) return this.retry.handle(outcome);
    return outcome.kind === 'error' && isTransientError(outcome.error);
  }
}

function budgetOf(retry: RetryOptions | undefined): RetryBudget | undefined {
  const budget = retry?.budget;
  return typeof budget === 'string' ? retryBudget(budget) : budget;
}

function rateLimitOf({ rateLimit }: PipelineOptions): RateLimit | undefined {
  return rateLimit === undefined ? undefined : new RateLimit(rateLimit);
}

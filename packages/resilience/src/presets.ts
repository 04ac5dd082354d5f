import type { BreakerOptions, PipelineOptions, RetryOptions } from './options.ts';
import type { Outcome } from './options.ts';

/** A pipeline without a queue: who cannot be served now is told now. */
const refuseAtOnce = { queue: 0, queueTimeoutMs: 1 };

function standardRetry(name: string): RetryOptions {
  return {
    max: 3,
    baseMs: 500,
    maxMs: 10_000,
    backoff: 'exponential',
    jitter: 'decorrelated',
    budget: name,
  };
}

const standardBreaker: BreakerOptions = {
  failureRatio: 0.5,
  windowMs: 10_000,
  minThroughput: 20,
  breakMs: 5_000,
  maxBreakMs: 30_000,
  halfOpenCalls: 1,
};

const attemptTimeoutMs = 3_000;
const sqlRetried = new Set(['40001', '40P01', '57P01', 'ECONNREFUSED']);

function isRetriedBySql(outcome: Outcome): boolean {
  const { error } = outcome.kind === 'error' ? outcome : {};
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof error.code === 'string' && sqlRetried.has(error.code);
}

/** The values of the guide; each gives plain options, to be spread and changed. */
export const presets = {
  /** Three retries from 500 ms, breaker 0.5 over 10 s, attempt 3 s, total 30 s. */
  standard: (name) => ({
    name,
    totalTimeoutMs: 30_000,
    attemptTimeoutMs,
    retry: standardRetry(name),
    breaker: standardBreaker,
    bulkhead: { max: 1_000, ...refuseAtOnce },
  }),
  /** Between our own processes: the request's deadline is the total. */
  read: (name) => ({
    name,
    attemptTimeoutMs,
    retry: standardRetry(name),
    breaker: standardBreaker,
    bulkhead: { max: 256, ...refuseAtOnce },
  }),
  /** As `read`; repeated only where it is said to be idempotent, or has never left. */
  write: (name) => ({
    name,
    attemptTimeoutMs,
    retry: { ...standardRetry(name), assumeIdempotent: false },
    breaker: standardBreaker,
    bulkhead: { max: 256, ...refuseAtOnce },
  }),
  /** Deadline alone. */
  none: (name) => ({ name }),
  /** Instead of retries a second call for the slow ones. */
  hedging: (name) => ({
    name,
    totalTimeoutMs: 10_000,
    attemptTimeoutMs,
    breaker: standardBreaker,
    hedge: { delayMs: 'p95', max: 1, budget: 0.05 },
  }),
  /** For plain drivers; @plinth/postgres has its own retries. Not inside a transaction. */
  database: (name) => ({
    name,
    retry: {
      max: 2,
      baseMs: 50,
      maxMs: 1_000,
      backoff: 'exponential',
      jitter: 'decorrelated',
      handle: isRetriedBySql,
    },
    breaker: { ...standardBreaker, breakMs: 2_000 },
  }),
  /** Messaging repeats by itself. */
  broker: (name) => ({
    name,
    attemptTimeoutMs: 5_000,
    breaker: { ...standardBreaker, minThroughput: 10, breakMs: 2_000 },
  }),
} as const satisfies Record<string, (name: string) => PipelineOptions>;

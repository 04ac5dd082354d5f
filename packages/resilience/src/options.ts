import type { Clock, Span, Telemetry } from '@plinth/core';

import type { Fault } from './chaos/fault.ts';
import type { RetryBudget } from './retry-budget.ts';

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** Why a call gives nothing: what a fallback answers to. */
export interface Failure {
  readonly error: unknown;
}

export interface RetryOptions {
  /** Attempts after the first. */
  readonly max: number;
  readonly baseMs: number;
  readonly maxMs: number;
  readonly backoff: 'exponential' | 'linear' | 'constant';
  /** `decorrelated`: min(maxMs, uniform(baseMs, 3 × the delay before)), whatever the backoff. */
  readonly jitter: 'decorrelated' | 'full' | 'none';
  /** Shared by all pipelines to one target; a text names it. */
  readonly budget?: RetryBudget | string;
  /** False: a call is repeated only if it says that it is idempotent. Default true. */
  readonly assumeIdempotent?: boolean;
  /** Whether it is worth another try. Default `isTransient` for errors; values never. */
  handle?(outcome: Outcome): boolean;
  /** A wait in ms that replaces the computed one; default what the error says as `retryAfterMs`. */
  delay?(outcome: Outcome, attempt: number): number | undefined;
}

export interface BreakerOptions {
  /** Above 0, at most 1. */
  readonly failureRatio: number;
  /** At least 500. */
  readonly windowMs: number;
  readonly minThroughput: number;
  readonly breakMs: number;
  /** Each failed probe doubles the break, up to this. */
  readonly maxBreakMs: number;
  readonly halfOpenCalls: number;
  /** A success that took longer counts as a failure. */
  readonly slowCallMs?: number;
  /** What counts as a failure. Default as of retry. */
  handle?(outcome: Outcome): boolean;
}

export interface BulkheadOptions {
  readonly max: number;
  readonly queue: number;
  readonly queueTimeoutMs: number;
}

export interface RateLimitOptions {
  readonly permits: number;
  readonly perMs: number;
  /** Default `permits`. */
  readonly burst?: number;
  readonly queue: number;
}

export interface HedgeOptions {
  /** `p95`: of the last 60 s, at least 50 ms; none below 100 samples. */
  readonly delayMs: number | 'p95';
  /** Extra calls. */
  readonly max: number;
  /** Share of extra calls, such as 0.05. */
  readonly budget: number;
}

/** What rules of fault injection match a call by. */
export interface ChaosScope {
  readonly route?: string;
  readonly tenant?: string;
  readonly header?: string;
}

export interface Injection {
  readonly rule: string;
  readonly fault: Fault;
}

/** Undefined: the call runs as it is. */
export interface ChaosSource {
  pick(pipeline: string, scope: ChaosScope | undefined): Injection | undefined;
  behavior(name: string, signal: AbortSignal): Promise<void>;
}

/** An option's presence decides whether a strategy runs; their order is fixed. */
export interface PipelineOptions {
  /** Of metrics, health and rules of chaos: a target, not a call. */
  readonly name: string;
  /** `Infinity`, the default, is none. */
  readonly totalTimeoutMs?: number;
  readonly attemptTimeoutMs?: number;
  readonly retry?: RetryOptions;
  readonly breaker?: BreakerOptions;
  readonly bulkhead?: BulkheadOptions;
  readonly rateLimit?: RateLimitOptions;
  readonly hedge?: HedgeOptions;
  /** Answers instead of a call that failed; not when its caller went away. */
  fallback?(failure: Failure, context: CallContext): unknown;
  readonly chaos?: ChaosSource;
  readonly telemetry?: Telemetry;
  /** Of a test; default the process' own. */
  readonly clock?: Pick<Clock, 'mono' | 'every'>;
  /** From 0 to below 1; of a test. */
  readonly random?: () => number;
}

/** What a call knows of itself. */
export interface CallContext {
  /** Ends the attempt; made on first access. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** An instant of the monotonic clock, in ms. */
  readonly deadline: number;
  remainingMs(): number;
  readonly hedged: boolean;
}

export interface CallOptions {
  /** Its abort ends the call with its reason; never retried, never counted by the breaker. */
  readonly signal?: AbortSignal;
  /** An instant of the monotonic clock, as `ctx.deadline`. The earlier of it and the total timeout counts. */
  readonly deadlineMs?: number;
  /** False: repeated only if it provably never left. True: may also be hedged. */
  readonly idempotent?: boolean;
  /** Never repeated: somebody further up does that already. */
  readonly once?: boolean;
  /** Partition of breaker and bulkhead; the 1,000 last used are kept. */
  readonly key?: string;
  readonly chaosScope?: ChaosScope;
  /** Gets a child for each repeated attempt. */
  readonly span?: Span;
}

export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated';

export interface BreakerChange {
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** Of the partition; undefined for calls without one. */
  readonly key: string | undefined;
  readonly why: string | undefined;
}

export interface BreakerHandle {
  /** The worst of all partitions. */
  readonly state: BreakerState;
  /** Refuses all calls until `reset`. */
  isolate(why: string): void;
  reset(): void;
  /** @returns a function that ends it. */
  on(event: 'change', listen: (change: BreakerChange) => void): () => void;
}

export interface PipelineStats {
  readonly calls: Readonly<Record<CallOutcome, number>>;
  /** By their number: the first, second, third, and those behind. */
  readonly attempts: readonly [number, number, number, number];
  /** Results that came when nobody waited for them any more. */
  readonly late: number;
  readonly hedgeWins: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly breakerChanges: number;
}

export type CallOutcome =
  | 'success'
  | 'failure'
  | 'timeout'
  | 'circuit_open'
  | 'bulkhead_full'
  | 'rate_limited'
  | 'aborted'
  | 'chaos';

export interface Pipeline {
  readonly name: string;
  /**
   * Runs `f` under all strategies. After retries the caller gets the last real error itself.
   *
   * @throws {Problem} `resilience.timeout` (context `scope`), `resilience.circuit_open`, `resilience.isolated`,
   *   `resilience.bulkhead_full`, `resilience.rate_limited`, `resilience.retry_budget`,
   *   `resilience.deadline_exceeded`, `resilience.chaos`.
   */
  run<value>(
    f: (context: CallContext) => value | PromiseLike<value>,
    options?: CallOptions,
  ): Promise<value>;
  readonly breaker: BreakerHandle;
  stats(): PipelineStats;
  /** Takes it out of metrics; calls under way end as they would. */
  dispose(): void;
}

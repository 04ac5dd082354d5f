export type {
  BreakerChange,
  BreakerHandle,
  BreakerOptions,
  BreakerState,
  BulkheadOptions,
  CallContext,
  CallOptions,
  CallOutcome,
  ChaosScope,
  ChaosSource,
  Failure,
  HedgeOptions,
  Injection,
  Outcome,
  Pipeline,
  PipelineOptions,
  PipelineStats,
  RateLimitOptions,
  RetryOptions,
} from './options.ts';
export { pipeline } from './pipeline.ts';
export { presets } from './presets.ts';
export { createRetryBudget, type RetryBudget } from './retry-budget.ts';
export { hasNeverLeft, isTransient } from './transient.ts';

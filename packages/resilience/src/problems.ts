import { Problem, type ProblemOptions } from '@plinth/core/problem';

import type { Breaker } from './breaker.ts';

export function timeoutProblem(scope: 'total' | 'attempt', ms: number, cause?: unknown): Problem {
  return withoutStack(`The call took longer than the ${ms} ms of its ${scope} timeout.`, {
    code: 'resilience.timeout',
    kind: 'timeout',
    context: { scope },
    cause,
  });
}

export function deadlineProblem(cause?: unknown): Problem {
  return withoutStack('The deadline leaves no time for the call.', {
    code: 'resilience.deadline_exceeded',
    kind: 'timeout',
    cause,
  });
}

/** What a caller gets whom the breaker refuses. */
export function refusalOf(name: string, breaker: Breaker, nowMs: number, cause?: unknown): Problem {
  if (breaker.state === 'isolated') return isolatedProblem(name, breaker.why);
  return openProblem(name, breaker.retryAfterMs(nowMs), cause);
}

function openProblem(name: string, retryAfterMs: number, cause: unknown): Problem {
  return withoutStack(`${name} is not asked now: too many calls failed.`, {
    code: 'resilience.circuit_open',
    kind: 'unavailable',
    retryAfterMs,
    cause,
  });
}

function isolatedProblem(name: string, why: string): Problem {
  return withoutStack(`${name} is isolated: ${why}`, {
    code: 'resilience.isolated',
    kind: 'unavailable',
  });
}

export function bulkheadProblem(name: string): Problem {
  return withoutStack(`${name} has no room for another call.`, {
    code: 'resilience.bulkhead_full',
    kind: 'overloaded',
  });
}

export function rateProblem(name: string, retryAfterMs: number): Problem {
  return withoutStack(`${name} may not be asked so often.`, {
    code: 'resilience.rate_limited',
    kind: 'rateLimited',
    retryAfterMs,
  });
}

export function budgetProblem(name: string, cause: unknown): Problem {
  return withoutStack(`${name} fails so often that it is not asked again.`, {
    code: 'resilience.retry_budget',
    kind: 'unavailable',
    cause,
  });
}

/** A refusal says by its code where it comes from; the stack costs more than all the rest of it. */
function withoutStack(message: string, options: ProblemOptions): Problem {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return new Problem(message, options);
  } finally {
    Error.stackTraceLimit = before;
  }
}

import { delayMs } from './backoff.ts';
import type { Machine } from './machine.ts';
import type { CallOptions, Outcome, RetryOptions } from './options.ts';
import { hasNeverLeft } from './transient.ts';

/** What is known when an attempt has ended. */
export interface Ended {
  readonly outcome: Outcome;
  readonly attempts: number;
  /** The wait before this attempt. */
  readonly waitedMs: number;
  readonly options: CallOptions;
  /** Until the last instant at which another attempt makes sense. */
  readonly leftMs: number;
}

export const noRetry = -1;
export const noBudget = -2;

/** @returns ms until the next attempt, `noRetry`, or `noBudget`. */
export function planRetry(machine: Machine, ended: Ended): number {
  const { retry, budget } = machine;
  const { outcome, attempts, options, waitedMs, leftMs } = ended;
  if (retry === undefined || attempts > retry.max || options.once === true) return noRetry;
  if (!machine.isWorthRetrying(outcome)) return noRetry;
  if (!mayRepeat(retry, options) && !isUnsent(outcome)) return noRetry;
  const waitMs = delayMs(machine, outcome, attempts, waitedMs);
  // It would end behind the deadline: told now rather than slept away.
  if (waitMs > leftMs) return noRetry;
  return budget === undefined || budget.take() ? waitMs : noBudget;
}

function mayRepeat(
  { assumeIdempotent = true }: RetryOptions,
  { idempotent }: CallOptions,
): boolean {
  return idempotent ?? assumeIdempotent;
}

function isUnsent(outcome: Outcome): boolean {
  return outcome.kind === 'error' && hasNeverLeft(outcome.error);
}

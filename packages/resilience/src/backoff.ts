import type { Outcome, RetryOptions } from './options.ts';
import { retryAfterOf } from './transient.ts';

/**
 * How long to wait before the next attempt: what the options or the target say, else by the backoff.
 *
 * Decorrelated jitter: min(maxMs, uniform(baseMs, 3 × the wait before)), of "Exponential Backoff and Jitter" (AWS, 2015).
 */
export function delayMs(
  { retry, random }: { readonly retry: RetryOptions | undefined; random(): number },
  outcome: Outcome,
  attempt: number,
  beforeMs: number,
): number {
  if (retry === undefined) return 0;
  const told =
    retry.delay === undefined ? retryAfterOfOutcome(outcome) : retry.delay(outcome, attempt);
  if (told !== undefined) return told;
  const { baseMs, maxMs } = retry;
  if (retry.jitter === 'decorrelated') {
    const topMs = Math.max(baseMs, 3 * (beforeMs === 0 ? baseMs : beforeMs));
    return Math.min(maxMs, baseMs + random() * (topMs - baseMs));
  }
  const plainMs = Math.min(maxMs, baseMs * factorOf(retry, attempt));
  return retry.jitter === 'full' ? plainMs * random() : plainMs;
}

function factorOf({ backoff }: RetryOptions, attempt: number): number {
  if (backoff === 'constant') return 1;
  return backoff === 'linear' ? attempt : 2 ** (attempt - 1);
}

function retryAfterOfOutcome(outcome: Outcome): number | undefined {
  return outcome.kind === 'error' ? retryAfterOf(outcome.error) : undefined;
}

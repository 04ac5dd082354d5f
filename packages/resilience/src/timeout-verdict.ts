import type { Attempt } from './attempt.ts';
import type { Verdict } from './breaker.ts';
import type { Machine } from './machine.ts';

/** A caller that allowed less gave its target no fair chance: the breaker does not count it. */
const fairMs = 100;

/** @param end.isOwn the pipeline's own total timeout ended it, not a nearer deadline of the caller. */
export function verdictOfTimeout(
  { wheel, breaker, attemptMs }: Machine,
  attempt: Attempt,
  { nowMs, isOwn }: { readonly nowMs: number; readonly isOwn: boolean },
): Verdict {
  const { beganMs, ms } = wheel.standstill;
  const hasStoodStill = attempt.startMs <= beganMs + ms && attempt.dueMs >= beganMs;
  // The process stood still, not its target.
  if (breaker !== undefined && ms >= breaker.windowMs && hasStoodStill) return 'neither';
  const isUnfair = nowMs - attempt.startMs < Math.min(fairMs, attemptMs);
  return isUnfair && !isOwn ? 'neither' : 'failure';
}

import type { Core } from './needs.ts';

const retryMsMin = 20;
const retryMsMax = 1_000;

/** Longer with each try. Ends early, and quietly, when the process stops. */
export function pauseFor({ clock }: Core, tries: number, stop: AbortSignal): Promise<void> {
  return clock.sleep(Math.min(retryMsMin * tries, retryMsMax), stop).catch(() => undefined);
}

interface Question<answer> {
  ask(): Promise<answer>;
  /** What is known once nobody needs the answer any more. */
  readonly lost: answer;
  isOver(): boolean;
  readonly stop: AbortSignal;
}

/** Asks until the database answers, or its answer no longer matters. */
export async function untilAnswered<answer>(
  core: Core,
  { ask, lost, isOver, stop }: Question<answer>,
): Promise<answer> {
  for (let tries = 1; !isOver() && !stop.aborted; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      core.log.warn('messaging.write_failed', { error: String(error), tries });
      await pauseFor(core, tries, stop);
    }
  }
  return lost;
}

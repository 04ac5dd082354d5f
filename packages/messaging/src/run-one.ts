import { attempt, type Grant } from './attempt.ts';
import type { Decoded } from './decode.ts';
import type { Aftermath, Failures } from './failure.ts';
import type { Core } from './needs.ts';
import type { OwnOutbox } from './outbox.ts';
import type { Registered } from './registered.ts';
import { pauseFor, untilAnswered } from './until-answered.ts';

interface Needs {
  readonly core: Core;
  readonly outbox: OwnOutbox;
  readonly grant: Grant;
  readonly subscription: Registered;
  readonly failures: Failures;
  readonly stop: AbortSignal;
}

/** One event, until it is handled, written down as failed, or another owner's. */
export async function runOne(
  needs: Needs,
  one: Decoded,
  isOver: () => boolean,
): Promise<Aftermath> {
  const { core, failures, stop } = needs;
  const { row } = one;
  const answered = (ask: () => Promise<Aftermath>) =>
    untilAnswered<Aftermath>(core, { ask, lost: 'lost', isOver, stop });

  if (one.kind === 'newer') return answered(() => failures.postpone(row));
  if (one.kind === 'bad') return answered(() => failures.bury(row, 'bad-body', one.error));
  for (let tries = 1; !isOver(); tries += 1) {
    const outcome = await attempt(needs, [one]);
    if (outcome.kind === 'stopped') return 'lost';
    if (outcome.kind === 'failed') return answered(() => failures.record(row, outcome.error));
    if (outcome.kind === 'done') {
      const isOurs = outcome.missing === 0 || (await checkMissing(needs, outcome.missing, isOver));
      return isOurs && !isOver() ? 'free' : 'lost';
    }
    await pauseFor(core, tries, stop);
  }
  return 'lost';
}

/** Rows that were gone: handled before, or the part is another owner's. @returns whether it is still ours. */
export async function checkMissing(
  { core, failures, stop, subscription }: Omit<Needs, 'grant' | 'outbox'>,
  count: number,
  isOver: () => boolean,
): Promise<boolean> {
  const ask = () => failures.isOurs();
  const isOurs = await untilAnswered(core, { ask, lost: false, isOver, stop });
  if (isOurs) core.metrics.duplicate.add(count, { sub: subscription.name });
  return isOurs;
}

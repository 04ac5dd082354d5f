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
  const answered = async (ask: () => Promise<Aftermath>) => {
    const aftermath = await untilAnswered<Aftermath>(core, { ask, lost: 'lost', isOver, stop });
    if (aftermath !== 'lost') row.carried?.ack();
    return aftermath;
  };

  if (one.kind !== 'ok') return answered(() => putAside(failures, one));
  for (let tries = 1; !isOver(); tries += 1) {
    const outcome = await attempt(needs, [one]);
    if (outcome.kind === 'stopped') return 'lost';
    if (outcome.kind === 'down') return 'down';
    if (outcome.kind === 'failed') return answered(() => failures.record(row, outcome.error));
    if (outcome.kind === 'done') {
      const isOurs = outcome.missing === 0 || (await checkMissing(needs, outcome.missing, isOver));
      if (isOurs) row.carried?.ack();
      return isOurs && !isOver() ? 'free' : 'lost';
    }
    await pauseFor(core, tries, stop);
  }
  return 'lost';
}

function putAside(failures: Failures, one: Exclude<Decoded, { kind: 'ok' }>): Promise<Aftermath> {
  if (one.kind === 'newer') return failures.postpone(one.row);
  if (one.kind === 'bad') return failures.bury(one.row, 'bad-body', one.error);
  const error = 'It is older than what is remembered of handled events.';
  return failures.bury(one.row, 'beyond-inbox-window', error);
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

import { Problem } from '@plinth/core';

import { crashPoint } from './crash-point.ts';
import { startLoop, type Loop } from './loop.ts';
import { source, type Core } from './needs.ts';
import { lockRelay, openBatch, sendPage } from './outbox-table.ts';
import { systemContext } from './system-context.ts';

const idleFactor = 4;

/**
 * Sends committed events to their subscriptions. Every process may: the row's lock is the whole lease, and
 * goes with the session of a process that dies.
 *
 * @param onSent called after a page that reached a subscription.
 */
export function startRelay(core: Core, onSent: () => void): Loop {
  const { clock, log, settings } = core;
  return startLoop({
    clock,
    idleMs: settings.pollMs,
    idleMsMax: settings.pollMs * idleFactor,
    async work() {
      const page = await relayPage(core);
      if (page.rows > 0) onSent();
      return page.events > 0;
    },
    onError: (error) => log.error('relay.failed', error),
  });
}

const nothing = { events: 0, rows: 0 };

/** One step, all or nothing: a page, or nothing where another process is at it. */
export function relayPage({ database, settings }: Core): Promise<typeof nothing> {
  return database.write(systemContext(), async (tx) => {
    const lock = await tx.maybe(lockRelay, {});
    if (lock === undefined) return nothing;
    if (lock.foreign) throw foreignDatabase();
    if (lock.idle) {
      const { lo } = await tx.one(openBatch, {});
      if (lo === null) return nothing;
    }
    const page = await tx.one(sendPage, { src: source, rows: settings.pageRows });
    crashPoint('relay.page', settings.crashAt);
    return page;
  });
}

function foreignDatabase(): Problem {
  return new Problem(
    'The relay belongs to another cluster or to a later state of this one: rebase it first.',
    { code: 'messaging.foreign_database', kind: 'internal' },
  );
}

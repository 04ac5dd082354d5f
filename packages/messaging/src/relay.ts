import { Problem } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { encodeCarried } from './carried.ts';
import { crashPoint } from './crash-point.ts';
import { startLoop, type Loop } from './loop.ts';
import { source, type Core } from './needs.ts';
import { lockRelay, openBatch, sendPage } from './outbox-table.ts';
import { holdSent, moveOn, readPage, routes, unbindQueues, type SentRow } from './relay-table.ts';
import { systemContext } from './system-context.ts';
import { queueName, type Outbound, type Queue, type Transport } from './transport/transport.ts';

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
export async function relayPage(core: Core): Promise<typeof nothing> {
  const { database, settings, transport } = core;
  const page = await database.write(systemContext(), async (tx) => {
    const lock = await tx.maybe(lockRelay, {});
    if (lock === undefined) return nothing;
    if (lock.foreign) throw foreignDatabase();
    if (lock.idle) {
      const { lo } = await tx.one(openBatch, {});
      if (lo === null) return nothing;
    }
    const sent =
      transport === undefined
        ? await tx.one(sendPage, { src: source, rows: settings.pageRows })
        : await publishPage(core, transport, tx);
    crashPoint('relay.page', settings.crashAt);
    return sent;
  });
  if (page.events > 0) crashPoint('relay.committed', settings.crashAt);
  return page;
}

interface Copy extends Outbound {
  readonly sub: number;
  readonly row: SentRow;
}

/**
 * The lock is held while the brokers confirm: at most one page is under way, and after a crash it is sent
 * again in the same order.
 */
async function publishPage(core: Core, transport: Transport, tx: Transaction) {
  const { settings, log } = core;
  const rows = await tx.many(readPage, { rows: settings.pageRows });
  const { bound, unbound } = await addressAll(rows, transport, tx);
  const refused = bound.length === 0 ? [] : await transport.publish(bound, tx.context.signal);
  crashPoint('relay.published', settings.crashAt);
  const isRefused = new Set(refused.map(queueName));
  const ill = bound.filter((copy) => isRefused.has(queueName(copy)));
  if (ill.length > 0) {
    log.warn('relay.queues_refused', { queues: isRefused.size, events: ill.length });
    await tx.run(unbindQueues, partsOf(ill));
  }
  const held = [...unbound, ...ill];
  if (held.length > 0) {
    await tx.run(holdSent, {
      subs: held.map(({ sub }) => sub),
      seqs: held.map(({ row }) => row.seq),
      ats: held.map(({ row }) => new Date(row.at)),
      src: source,
    });
  }
  await tx.run(moveOn, {
    last: rows.at(-1)?.seq ?? null,
    isLast: rows.length < settings.pageRows,
  });
  return { events: rows.length, rows: bound.length + unbound.length };
}

/** A copy of each event for each subscription that hears it; those without a whole queue apart. */
async function addressAll(rows: readonly SentRow[], { boundAs }: Transport, tx: Transaction) {
  const bound: Copy[] = [];
  const unbound: Copy[] = [];
  const paths = await tx.many(routes, {});
  const byPlace = Map.groupBy(
    paths.flatMap((path) => path.events.map((event) => ({ ...path, event }))),
    ({ event, part }) => `${part} ${event}`,
  );
  for (const row of rows) {
    const heard = byPlace.get(`${row.part} ${row.name}`) ?? [];
    if (heard.length === 0) continue;
    const body = encodeCarried(row, source);
    for (const { sub, name, bound: to } of heard) {
      const copy = { sub, name, part: row.part, lane: row.lane, body, row };
      (to === boundAs ? bound : unbound).push(copy);
    }
  }
  return { bound, unbound };
}

function partsOf(copies: readonly (Queue & { readonly sub: number })[]) {
  const parts = [...new Map(copies.map((copy) => [queueName(copy), copy])).values()];
  return { subs: parts.map(({ sub }) => sub), parts: parts.map(({ part }) => part) };
}

function foreignDatabase(): Problem {
  return new Problem(
    'The relay belongs to another cluster or to a later state of this one: rebase it first.',
    { code: 'messaging.foreign_database', kind: 'internal' },
  );
}

import { Problem } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { lagOf } from './backlog.ts';
import { auditAction, deadPage, discardDead, redriveDead } from './dead-table.ts';
import type { DeadLetter, DeadQuery, DeadSelection, MessagingAdmin, Who } from './messaging.ts';
import { source, type Core } from './needs.ts';
import { rebaseOutbox, waitForRelay } from './outbox-table.ts';
import { forgetHandled, sendRetained, setPause, subscriptionsState } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

const deadPageRows = 200;
/** With a pause of a second between two: what was dead for a reason is not thrown back all at once. */
const redriveRows = 200;
const redrivePauseMs = 1_000;
const noId = '00000000-0000-0000-0000-000000000000';

/** @param wake called when there is something to read again. */
export function createAdmin(core: Core, wake: () => void): MessagingAdmin {
  const { database } = core;
  const write = <result>(work: (tx: Transaction) => Promise<result>) =>
    database.write(systemContext(), work);

  const setPaused = async (subscription: string, by: Who, why: string | null) => {
    await write((tx) => writePause(tx, { subscription, by, why }));
    wake();
  };

  return {
    lag: () => lagOf(core),
    dead: (query) => walkDead(core, query),
    redrive: (selection, by) => redrive(core, selection, { by, wake }),
    async discard(ids, by, why) {
      const rows = await write(async (tx) => {
        const gone = await tx.many(discardDead, { ids });
        await tx.run(auditAction, { ...blank, actor: nameOf(by), action: 'discard', ids, why });
        return gone;
      });
      wake();
      return rows.length;
    },
    pause: (subscription, by, why) => setPaused(subscription, by, why),
    resume: (subscription, by) => setPaused(subscription, by, null),
    async replay(subscription, from, by) {
      const sub = await getSubscription(core, subscription);
      const { rows } = await write(async (tx) => {
        await tx.one(waitForRelay, {});
        await tx.run(forgetHandled, { sub, from });
        const filter = { from: from.toISOString() };
        await tx.run(auditAction, { ...blank, actor: nameOf(by), action: 'replay', sub, filter });
        const held = core.transport !== undefined;
        return tx.one(sendRetained, { sub, src: source, from, held });
      });
      wake();
      return { count: rows };
    },
    async rebase(by) {
      const { moved } = await write(async (tx) => {
        await tx.run(auditAction, { ...blank, actor: nameOf(by), action: 'rebase' });
        return tx.one(rebaseOutbox, {});
      });
      return { count: moved };
    },
  };
}

async function redrive(
  core: Core,
  selection: DeadSelection,
  { by, wake }: { readonly by: Who; readonly wake: () => void },
): Promise<{ moved: number; batch: string }> {
  const { database, clock, metrics } = core;
  const filter = filterOf(selection);
  const batch = core.newId();
  const names = await namesOf(core);
  for (let moved = 0; ;) {
    const rows = await database.write(systemContext(), async (tx) => {
      const chosen = await tx.many(redriveDead, { ...filter, rows: redriveRows });
      const ids = chosen.map(({ id }) => id);
      const what = { actor: nameOf(by), action: 'redrive', ids, filter: selection, batch };
      if (ids.length > 0) await tx.run(auditAction, { ...blank, ...what });
      return chosen;
    });
    moved += rows.length;
    for (const { sub } of rows) metrics.redriven.add(1, { sub: names.get(sub) ?? 'unknown' });
    wake();
    if (rows.length < redriveRows) return { moved, batch };
    await clock.sleep(redrivePauseMs, new AbortController().signal);
  }
}

async function writePause(
  tx: Transaction,
  { subscription, by, why }: { subscription: string; by: Who; why: string | null },
): Promise<void> {
  const actor = nameOf(by);
  const params = { name: subscription, by: why === null ? null : actor, why };
  const row = await tx.maybe(setPause, params);
  if (row === undefined) throw unknownSubscription(subscription);
  const action = why === null ? 'resume' : 'pause';
  await tx.run(auditAction, { ...blank, actor, action, sub: row.sub, why });
}

const blank = { sub: null, ids: null, filter: null, why: null, batch: null };
const nameOf = ({ kind, id }: Who) => `${kind}:${id}`;

function filterOf(selection: DeadSelection) {
  const ids = 'ids' in selection ? selection.ids : null;
  const where: DeadQuery =
    'where' in selection
      ? selection.where
      : 'all' in selection
        ? { subscription: selection.subscription }
        : {};
  return { ...paramsOf(where), ids };
}

function paramsOf(query: DeadQuery) {
  return {
    subscription: query.subscription ?? null,
    name: query.name ?? null,
    tenant: query.tenant ?? null,
    reason: query.reason ?? null,
    before: query.before ?? null,
    ids: null,
  };
}

async function* walkDead({ database }: Core, query: DeadQuery): AsyncIterable<DeadLetter> {
  let after = { afterAt: new Date(0), afterId: noId };
  for (;;) {
    const params = { ...paramsOf(query), ...after, rows: deadPageRows };
    const rows = await database.many(systemContext(), deadPage, params);
    for (const { cursor, ...letter } of rows) {
      after = { afterAt: cursor, afterId: letter.id };
      yield letter;
    }
    if (rows.length < deadPageRows) return;
  }
}

async function namesOf({ database }: Core): Promise<Map<number, string>> {
  const rows = await database.many(systemContext(), subscriptionsState, {});
  return new Map(rows.map(({ sub, name }) => [sub, name]));
}

async function getSubscription(core: Core, subscription: string): Promise<number> {
  for (const [sub, name] of await namesOf(core)) if (name === subscription) return sub;
  throw unknownSubscription(subscription);
}

function unknownSubscription(name: string): Problem {
  return new Problem(`There is no subscription ${name}.`, {
    code: 'messaging.unknown_subscription',
    kind: 'notFound',
  });
}

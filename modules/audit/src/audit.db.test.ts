import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { bindLocal } from '@plinth/contract/local';
import { defineModule, event } from '@plinth/contract';
import { createIds, noLog, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createMessaging, migrations as messagingMigrations } from '@plinth/messaging';
import { createDatabase, sql, t as type } from '@plinth/postgres';
import { cloneDatabase, testCtx } from '@plinth/testing';

import { createAudit, migrations } from './module.ts';

const shop = defineModule('shop', {
  operations: {},
  events: {
    itemSold: event({
      schema: z.object({ itemId: z.string(), n: z.int() }),
      key: 'itemId',
      order: 'held',
    }),
    shopClosed: event({ schema: z.object({ why: z.string() }), key: null }),
  },
});
const { itemSold, shopClosed } = shop.events;
const tenantA = '01900000-0000-7000-8000-00000000000a';
const tenantB = '01900000-0000-7000-8000-00000000000b';
const newId = createIds(systemClock);
const identityMigrations = {
  module: 'identity',
  folder: new URL('../../identity/migrations/', import.meta.url),
};

const asReader = (tenant: string) => testCtx({ tenant, permissions: ['audit.read'] });

async function setUp(t: TestContext) {
  const urls = await cloneDatabase(t, {
    migrations: [messagingMigrations, identityMigrations, migrations],
  });
  const database = createDatabase({ url: urls.url });
  const admin = createDatabase({ url: urls.adminUrl });
  const messaging = createMessaging({
    database,
    clock: systemClock,
    newId,
    log: noLog,
    config: { pollMs: 10 },
  });
  const module = createAudit({
    database,
    messaging,
    clock: systemClock,
    log: noLog,
    calendar: async () => ({ today: '2026-01-15', zone: 'UTC' }),
    events: [itemSold, shopClosed],
  });
  await messaging.start();
  t.after(async () => {
    await messaging.drain(500);
    await Promise.all([database.drain(0), admin.drain(0)]);
  });
  const client = bindLocal(module, { check: 'full' });
  const sell = async (tenant: string, count: number) => {
    const ctx = testCtx({ tenant });
    await database.write(ctx, async (tx) => {
      for (let n = 0; n < count; n += 1) {
        messaging.outbox.publish(tx, itemSold, { itemId: `item-${n % 3}`, n });
      }
    });
    await messaging.settled(AbortSignal.timeout(10_000));
    return ctx;
  };
  return { database, admin, messaging, client, sell };
}

test('every event becomes an entry that says who did what to what', async (t) => {
  const { client, sell } = await setUp(t);

  const ctx = await sell(tenantA, 1);

  const { items, total } = await client.listEntries(asReader(tenantA), {});
  const { at, id, ...entry } = items[0] ?? { at: '', id: '' };
  assert.deepEqual(entry, {
    seq: 1,
    actorKind: 'user',
    actorId: ctx.actor.id,
    actorName: '',
    action: 'shop.item-sold',
    module: 'shop',
    objectId: 'item-0',
    reqId: ctx.reqId,
  });
  assert.equal(total.n, 1);
  const { body } = await client.getEntry(asReader(tenantA), { id });
  assert.deepEqual(JSON.parse(body), { itemId: 'item-0', n: 0 });
  assert.match(at, /^\d{4}-/u);
});

test('entries are found by object, action and actor, the newest first', async (t) => {
  const { client, sell } = await setUp(t);
  const { actor } = await sell(tenantA, 6);
  await sell(tenantA, 1);
  const count = async (f: string[]) =>
    (await client.listEntries(asReader(tenantA), { f })).items.length;

  assert.equal(await count(['object:eq:item-0']), 3);
  assert.equal(await count([`actor:eq:${actor.id}`]), 6);
  assert.equal(await count(['action:in:shop.shop-closed']), 0);
  assert.equal(await count(['at:last:1d']), 0);
});

test('a tenant sees its own entries and no others', async (t) => {
  const { client, sell } = await setUp(t);
  await sell(tenantA, 2);
  await sell(tenantB, 3);

  const own = await client.listEntries(asReader(tenantB), {});
  const [foreign] = (await client.listEntries(asReader(tenantA), {})).items;

  assert.equal(own.total.n, 3);
  await assert.rejects(client.getEntry(asReader(tenantB), { id: foreign?.id ?? '' }), {
    code: 'audit.unknown',
  });
});

test('a chain without gaps is kept by many transactions at once', async (t) => {
  const { client, sell } = await setUp(t);

  await Promise.all([sell(tenantA, 40), sell(tenantA, 40), sell(tenantB, 40), sell(tenantA, 40)]);

  const { checkedAt, ...verdict } = await client.verifyChain(asReader(tenantA), {});
  assert.deepEqual(verdict, {
    state: 'whole',
    checked: 120,
    lastSeq: 120,
    headSeq: 120,
    broken: null,
  });
  assert.match(checkedAt, /Z$/u);
});

const change = sql({}, {})`update audit.entry set body = '{"n":7}' where seq = 5`;
const remove = sql({}, {})`delete from audit.entry where seq = 5`;
const cut = sql({}, {})`delete from audit.entry where seq > 8`;
const shorten = sql({}, {})`update audit.head set seq = 8`;

const attacks = [
  { name: 'changed', statements: [change], broken: { seq: 5, why: 'hash' } },
  { name: 'taken out', statements: [remove], broken: { seq: 5, why: 'missing' } },
  { name: 'cut off at the end', statements: [cut], broken: { seq: 9, why: 'missing' } },
  {
    name: 'cut off with its head moved',
    statements: [cut, shorten],
    broken: { seq: 8, why: 'head' },
  },
] as const;
for (const { name, statements, broken } of attacks) {
  test(`an entry that was ${name} is found, even if a superuser did it`, async (t) => {
    const { client, admin, sell } = await setUp(t);
    await sell(tenantA, 10);

    await admin.write(testCtx({ tenant: tenantA }), async (tx) => {
      for (const statement of statements) await tx.run(statement, {});
    });

    const verdict = await client.verifyChain(asReader(tenantA), {});
    assert.deepEqual([verdict.state, verdict.broken], ['broken', broken]);
  });
}

test('the application can neither change nor remove an entry', async (t) => {
  const { database, sell } = await setUp(t);
  const ctx = await sell(tenantA, 1);

  for (const statement of [change, remove]) {
    await assert.rejects(database.run(ctx, statement, {}), { code: 'postgres.no_privilege' });
  }
});

const months = sql({}, { name: type.text })`
  select c.relname as name from pg_class c join pg_inherits i on i.inhrelid = c.oid
  where i.inhparent = 'audit.entry'::regclass order by 1`;
const makePartition = sql({ month: type.timestamptz }, {})`
  select plinth.make_partition('audit.entry', ${'month'})`;

test('the partition of a month is made once, whoever asks, and not for any month', async (t) => {
  const { database } = await setUp(t);
  const ctx = testCtx({ tenant: tenantA });
  const make = (month: string) => database.run(ctx, makePartition, { month: new Date(month) });

  await Promise.all([make('2024-05-17'), make('2024-05-01')]);

  const names = (await database.many(ctx, months, {})).map(({ name }) => name);
  assert.equal(names.filter((name) => name === 'entry_2024_05').length, 1);
  await assert.rejects(make('1999-12-31'));
  await assert.rejects(make('2199-01-01'));
});

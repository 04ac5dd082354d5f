import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createIds, idTime, noLog, Problem, systemClock } from '@plinth/core';
import { createDatabase, sql, t as types, type Database } from '@plinth/postgres';
import { cloneDatabase, eventually, openDatabase, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import { blockedLanes } from './delivery-table.ts';
import type { Messaging } from './messaging.ts';
import {
  brokenKeys,
  countedLedger,
  recordSale,
  recordSales,
  shopMigrations,
  soldInBulk,
  tenantA,
} from './shop-fixture.ts';
import { systemContext } from './system-context.ts';

const newId = createIds(systemClock);
const ctx = () => testCtx({ tenant: tenantA });

function subscribe(messaging: Messaging): void {
  messaging.subscribe({
    name: 'shop.in-batches',
    event: soldInBulk,
    handle: (envelope, { tx }) => recordSale(tx, 'batch', envelope),
    handleBatch: (envelopes, { tx }) => recordSales(tx, 'batch', envelopes),
  });
}

const leasesByOwner = sql({}, { n: types.int8n })`
  select count(*) as n from plinth.lease where owner is not null group by owner order by n`;

test('an import of 18,532 events is handled within seconds', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const messaging = createMessaging({ database, clock: systemClock, newId, log: noLog });
  subscribe(messaging);
  await messaging.start();
  t.after(() => messaging.drain());
  const startedMs = performance.now();

  for (let from = 0; from < 18_532; from += 5_000) {
    await database.write(ctx(), async (tx) => {
      for (let n = from; n < Math.min(from + 5_000, 18_532); n += 1) {
        messaging.outbox.publish(tx, soldInBulk, { key: `k${n}`, value: 1 });
      }
    });
  }
  await messaging.settled(AbortSignal.timeout(30_000));

  const { n } = await database.one(ctx(), countedLedger, { subscription: 'batch' });
  assert.equal(n, 18_532);
  const seconds = (performance.now() - startedMs) / 1_000;
  t.diagnostic(`${seconds.toFixed(1)} s`);
  assert(seconds < 15, `it took ${seconds} s`);
});

test('processes share the parts, and one that drains leaves its own to the others', async (t) => {
  const { url } = await cloneDatabase(t, { migrations: shopMigrations });
  const nodes = [1, 2].map(() => {
    const database = createDatabase({ url });
    const messaging = createMessaging({ database, clock: systemClock, newId, log: noLog });
    subscribe(messaging);
    return { database, messaging };
  });
  const [first, second] = nodes;
  assert(first !== undefined && second !== undefined);
  t.after(() => Promise.all(nodes.map(({ database }) => database.drain(0))));
  const owned = async () =>
    (await first.database.many(systemContext(), leasesByOwner, {})).map(({ n }) => n);
  await first.messaging.start();
  await eventually(async () => assert.deepEqual(await owned(), [16]));

  await second.messaging.start();
  await eventually(async () => assert.deepEqual(await owned(), [8, 8]), { withinMs: 20_000 });
  const report = await second.messaging.drain();
  await eventually(async () => assert.deepEqual(await owned(), [16]), { withinMs: 20_000 });
  await first.messaging.drain();

  assert.deepEqual(report, { finished: 0, cancelled: 0 });
  assert.deepEqual(await owned(), []);
});

test('parts that were taken without an answer come free again, and are read', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  let failures = 0;
  const failing: Database = {
    ...database,
    async many(context, statement, params) {
      if (Object.is(statement, blockedLanes) && (failures += 1) === 1) {
        throw new Problem('It was cut.', { code: 'postgres.unavailable', kind: 'unavailable' });
      }
      return database.many(context, statement, params);
    },
  };
  const messaging = createMessaging({
    database: failing,
    clock: systemClock,
    newId,
    log: noLog,
    config: { leaseMs: 600, pollMs: 10 },
  });
  subscribe(messaging);
  await messaging.start();
  t.after(() => messaging.drain());

  await database.write(ctx(), async (tx) =>
    messaging.outbox.publish(tx, soldInBulk, { key: 'a', value: 1 }),
  );
  await messaging.settled(AbortSignal.timeout(20_000));

  const { n } = await database.one(ctx(), countedLedger, { subscription: 'batch' });
  assert.deepEqual({ n, hasFailed: failures > 0 }, { n: 1, hasFailed: true });
});

test('drain waits for a handler that runs, and gives back one that does not end', async (t) => {
  const cases = [
    { drainMs: 5_000, report: { finished: 1, cancelled: 0 }, effects: 1 },
    { drainMs: 20, report: { finished: 0, cancelled: 1 }, effects: 0 },
  ];
  for (const { drainMs, report, effects } of cases) {
    const { database, messaging, running, mayEnd } = await startHolding(t);
    await database.write(ctx(), async (tx) =>
      messaging.outbox.publish(tx, soldInBulk, { key: 'a', value: 1 }),
    );
    await running;

    const drained = messaging.drain(drainMs);
    if (effects === 1) mayEnd();

    assert.deepEqual(await drained, report);
    await eventually(async () => {
      const { n } = await database.one(ctx(), countedLedger, { subscription: 'slow' });
      assert.equal(n, effects);
    });
  }
});

async function startHolding(t: TestContext) {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const messaging = createMessaging({ database, clock: systemClock, newId, log: noLog });
  const started = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  messaging.subscribe({
    name: 'shop.slow',
    event: soldInBulk,
    async handle(envelope, { tx, signal }) {
      await recordSale(tx, 'slow', envelope);
      started.resolve();
      signal.addEventListener('abort', () => end.reject(signal.reason));
      await end.promise;
    },
  });
  await messaging.start();
  return { database, messaging, running: started.promise, mayEnd: () => end.resolve() };
}

const partitions = sql({}, { name: types.text })`
  select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent in ('plinth.outbox'::regclass, 'plinth.inbox'::regclass) order by 1`;

test('partitions are made ahead once, and one past its time goes when nobody needs it', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  // A clock that stood still for a month: its events go into partitions of their own day.
  const monthMs = 30 * 86_400_000;
  const late = { ...systemClock, now: () => systemClock.now() - monthMs };
  const messaging = createMessaging({ database, clock: late, newId: createIds(late), log: noLog });
  subscribe(messaging);
  const day = new Date(late.now()).toISOString().slice(0, 10).replaceAll('-', '');
  await messaging.start();
  const before = await messaging.maintain();
  await database.write(ctx(), async (tx) =>
    messaging.outbox.publish(tx, soldInBulk, { key: 'a', value: 1 }),
  );
  const names = async () =>
    (await database.many(systemContext(), partitions, {})).map(({ name }) => name);
  const withOld = await names();
  await messaging.settled(AbortSignal.timeout(10_000));

  const after = await messaging.maintain();
  const withoutOld = await names();
  await messaging.drain();

  assert.deepEqual(before, { made: 0, dropped: 0, blocked: 0 });
  assert(withOld.includes(`outbox_${day}`) && withOld.includes(`inbox_${day}`));
  assert.deepEqual(after, { made: 0, dropped: 2, blocked: 0 });
  assert.equal(withoutOld.length, 18);
  const { n } = await database.one(ctx(), countedLedger, { subscription: 'batch' });
  assert.equal(n, 1);
});

test('an event that was not handled yet outlives its partition', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const late = { ...systemClock, now: () => systemClock.now() - 5 * 86_400_000 };
  const settings = { pollMs: 10 };
  const first = createMessaging({
    database,
    clock: late,
    newId: createIds(late),
    log: noLog,
    config: settings,
  });
  let isBroken = true;
  first.subscribe({
    name: 'shop.listener',
    event: soldInBulk,
    retry: { delaysMs: Array.from({ length: 90 }, () => 50) },
    async handle(envelope, { tx }) {
      assert(idTime(envelope.id) < systemClock.now() - 4 * 86_400_000, 'its day is over');
      if (isBroken) throw new RangeError('not yet');
      await recordSale(tx, 'late', envelope);
    },
  });
  await first.start();
  t.after(() => first.drain());
  await database.write(ctx(), async (tx) =>
    first.outbox.publish(tx, soldInBulk, { key: 'a', value: 1 }),
  );
  await eventually(async () => assert.equal((await first.admin.lag())[0]?.held, 1));

  const { dropped } = await eventually(async () => {
    const report = await first.maintain();
    assert(report.dropped > 0);
    return report;
  });
  isBroken = false;
  await first.settled(AbortSignal.timeout(10_000));

  assert.equal(dropped, 1);
  const { n } = await database.one(ctx(), countedLedger, { subscription: 'late' });
  assert.equal(n, 1);
  assert.deepEqual(await database.many(ctx(), brokenKeys, { subscription: 'late' }), []);
});

test('a subscription that begins with what is retained handles what was sent before it', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const needs = { database, clock: systemClock, newId, log: noLog };
  const before = createMessaging(needs);
  subscribe(before);
  await before.start();
  await database.write(ctx(), async (tx) =>
    before.outbox.publish(tx, soldInBulk, { key: 'a', value: 1 }),
  );
  await before.settled(AbortSignal.timeout(10_000));
  await before.drain();

  const after = createMessaging(needs);
  for (const from of ['now', 'retained'] as const) {
    after.subscribe({
      name: `shop.from-${from}`,
      event: soldInBulk,
      from,
      handle: (envelope, { tx }) => recordSale(tx, from, envelope),
    });
  }
  await after.start();
  await after.settled(AbortSignal.timeout(10_000));
  await after.drain();

  const counts = await Promise.all(
    ['now', 'retained'].map((subscription) => database.one(ctx(), countedLedger, { subscription })),
  );
  assert.deepEqual(counts, [{ n: 0 }, { n: 1 }]);
});

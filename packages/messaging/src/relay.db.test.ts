import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { createDatabase, sql, t as types, type Database } from '@plinth/postgres';
import { cloneDatabase, openDatabase, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import { createMetrics } from './metrics.ts';
import { defaultSettings } from './config.ts';
import type { Core } from './needs.ts';
import { createOutbox } from './outbox.ts';
import { relayPage } from './relay.ts';
import {
  brokenKeys,
  recordSale,
  recordSales,
  sell,
  shopMigrations,
  soldInBulk,
  tenantA,
} from './shop-fixture.ts';
import { systemContext } from './system-context.ts';
import { noTelemetry } from '@plinth/core';

const newId = createIds(systemClock);

function coreOf(database: Database, pageRows = 1_000): Core {
  return {
    database,
    clock: systemClock,
    newId,
    log: noLog,
    settings: { ...defaultSettings, pageRows },
    metrics: createMetrics(noTelemetry),
    tracer: noTelemetry.tracer,
    permissions: new Set(),
    owner: newId(),
    breakers: undefined,
    transport: undefined,
    bound: null,
  };
}

const outboxOf = () =>
  createOutbox({ clock: systemClock, newId, bodyBytesMax: 1_000, wake: () => undefined });

const listen = sql({}, {})`
  insert into plinth.subscription (sub, name, events, block)
  values (1, 'shop.listener', '{shop.sold-in-bulk}', false)`;
const delivered = sql({}, { value: types.int4 })`
  select (o.body ->> 'value')::int as value
  from plinth.delivery d join plinth.outbox o on o.seq = d.seq order by d.pos`;
/** How an outbox is read that trusts its sequence. */
const bySequence = sql({ after: types.int8n }, { seq: types.int8n, value: types.int4 })`
  select seq, (body ->> 'value')::int as value from plinth.outbox where seq > ${'after'} order by seq`;

async function relayAll(core: Core): Promise<void> {
  while ((await relayPage(core)).events > 0);
}

test('the relay sends an event that commits behind one of a higher number', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  await database.write(systemContext(), (tx) => tx.run(listen, {}));
  const core = coreOf(database);
  const outbox = outboxOf();
  const ctx = testCtx({ tenant: tenantA });
  const naive: number[] = [];
  let last = 0;
  const readNaively = async () => {
    for (const row of await database.many(systemContext(), bySequence, { after: last })) {
      naive.push(row.value);
      last = row.seq;
    }
  };
  // The first has its number and is not committed while the second begins, commits and is read.
  const drawn = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const first = database.write(ctx, async (tx) => {
    await tx.one(publishNow, { value: 1 });
    drawn.resolve();
    await mayCommit.promise;
  });
  await drawn.promise;
  await database.write(ctx, async (tx) => outbox.publish(tx, soldInBulk, { key: 'b', value: 2 }));
  await relayAll(core);
  await readNaively();
  mayCommit.resolve();
  await first;

  await relayAll(core);
  await readNaively();

  const rows = await database.many(systemContext(), delivered, {});
  assert.deepEqual(
    rows.map(({ value }) => value),
    [2, 1],
  );
  assert.deepEqual(
    naive,
    [2],
    'the reader by sequence has lost one: the schedule is the right one',
  );
});

const publishNow = sql({ value: types.int4 }, { done: types.text })`
  select plinth.publish(jsonb_build_array(jsonb_build_object(
    'id', gen_random_uuid(), 'part', 1, 'key', 'a', 'tenant', null, 'name', 'shop.sold-in-bulk', 'version', 1,
    'at', now(), 'meta', '{}'::jsonb, 'body', jsonb_build_object('value', ${'value'}::integer))),
    '{}', array[current_date]) as done`;

test('the relay does not wait for a long transaction', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  await database.write(systemContext(), (tx) => tx.run(listen, {}));
  const core = coreOf(database);
  const outbox = outboxOf();
  const ctx = testCtx({ tenant: tenantA });
  const written = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const long = database.write(ctx, async (tx) => {
    await tx.one(publishNow, { value: 100 });
    written.resolve();
    await mayEnd.promise;
  });
  await written.promise;

  for (const value of [1, 2, 3]) {
    await database.write(ctx, async (tx) => outbox.publish(tx, soldInBulk, { key: 'b', value }));
    await relayAll(core);
  }
  const before = await database.many(systemContext(), delivered, {});
  mayEnd.resolve();
  await long;
  await relayAll(core);

  assert.deepEqual(
    before.map(({ value }) => value),
    [1, 2, 3],
  );
  const after = await database.many(systemContext(), delivered, {});
  assert.deepEqual(
    after.map(({ value }) => value),
    [1, 2, 3, 100],
  );
});

test('a relay that belongs to another cluster refuses, and sends everything again once rebased', async (t) => {
  const { url, adminUrl } = await cloneDatabase(t, { migrations: shopMigrations });
  const database = createDatabase({ url });
  const admin = createDatabase({ url: adminUrl });
  t.after(() => Promise.all([database.drain(), admin.drain()]));
  await database.write(systemContext(), (tx) => tx.run(listen, {}));
  const core = coreOf(database);
  await database.write(testCtx({ tenant: tenantA }), async (tx) =>
    outboxOf().publish(tx, soldInBulk, { key: 'b', value: 1 }),
  );
  await admin.write(systemContext(), (tx) => tx.run(restoreElsewhere, {}));

  await assert.rejects(relayPage(core), { code: 'messaging.foreign_database' });
  const messaging = createMessaging(core);
  const { count } = await messaging.admin.rebase({ kind: 'operator', id: 'ada' });
  await relayAll(core);

  assert.equal(count, 1);
  assert.equal((await database.many(systemContext(), delivered, {})).length, 1);
});

const restoreElsewhere = sql({}, {})`update plinth.relay set system_id = system_id + 1`;

/** Two processes' worth of everything on one database. */
async function startTwo(t: TestContext) {
  const { url } = await cloneDatabase(t, { migrations: shopMigrations });
  const nodes = [1, 2].map(() => {
    const database = createDatabase({ url, poolMax: 16 });
    const needs = { database, clock: systemClock, newId, log: noLog };
    const messaging = createMessaging({ ...needs, config: { pageRows: 50, pollMs: 20 } });
    messaging.subscribe({
      name: 'shop.one-by-one',
      event: soldInBulk,
      handle: (envelope, { tx }) => recordSale(tx, 'one', envelope),
    });
    messaging.subscribe({
      name: 'shop.in-batches',
      event: soldInBulk,
      handle: (envelope, { tx }) => recordSale(tx, 'batch', envelope),
      handleBatch: (envelopes, { tx }) => recordSales(tx, 'batch', envelopes),
    });
    return { database, messaging };
  });
  for (const { messaging } of nodes) await messaging.start();
  t.after(async () => {
    for (const { messaging, database } of nodes) {
      await messaging.drain(1_000);
      await database.drain();
    }
  });
  return nodes;
}

test('two relays and many writers that hesitate, abort and save lose, double and reorder nothing', async (t) => {
  const nodes = await startTwo(t);
  const [first] = nodes;
  assert(first !== undefined);
  const ctx = testCtx({ tenant: tenantA });
  const stopAtMs = performance.now() + 3_000;
  const hesitate = () => systemClock.sleep(Math.floor(Math.random() ** 3 * 30), ctx.signal);

  const writers = Array.from({ length: 8 }, async (_, writer) => {
    const { database, messaging } = nodes[writer % 2] ?? first;
    while (performance.now() < stopAtMs) {
      const key = `k${Math.floor(Math.random() * 20)}`;
      await database
        .write(ctx, async (tx) => {
          await sell(tx, messaging.outbox, key);
          await hesitate();
          await tx
            .savepoint(async () => {
              await sell(tx, messaging.outbox, key);
              if (Math.random() < 0.3) throw new RangeError('the savepoint goes');
            })
            .catch((error: unknown) => assert(error instanceof RangeError));
          await hesitate();
          if (Math.random() < 0.2) throw new RangeError('the transaction goes');
        })
        .catch((error: unknown) => assert(error instanceof RangeError));
    }
  });
  await Promise.all(writers);
  await first.messaging.settled(AbortSignal.timeout(20_000));

  for (const subscription of ['one', 'batch']) {
    assert.deepEqual(await first.database.many(ctx, brokenKeys, { subscription }), []);
  }
});

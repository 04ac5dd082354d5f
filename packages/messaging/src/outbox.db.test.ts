import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { openDatabase, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import type { Envelope } from './envelope.ts';
import { closed, sell, shopMigrations, sold, soldInBulk, tenantA } from './shop-fixture.ts';

const newId = createIds(systemClock);

async function start(t: TestContext) {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const messaging = createMessaging({ database, clock: systemClock, newId, log: noLog });
  const heard: Envelope[] = [];
  messaging.subscribe({
    name: 'shop.listener',
    event: [sold, soldInBulk, closed],
    handle: async (envelope) => void heard.push(envelope),
  });
  await messaging.start();
  t.after(() => messaging.drain());
  const settled = () => messaging.settled(AbortSignal.timeout(10_000));
  return { database, outbox: messaging.outbox, messaging, heard, settled };
}

test('publish sends an event with the tenant, actor, request and trace of its context', async (t) => {
  const { database, outbox, heard, settled } = await start(t);
  const ctx = testCtx({ tenant: tenantA });

  await database.write(ctx, async (tx) => {
    outbox.publish(tx, sold, { key: 'a', value: 1 }, { headers: { import: '7' } });
  });
  await settled();

  const [envelope] = heard;
  assert.deepEqual(
    { ...envelope, id: '', at: '' },
    {
      id: '',
      at: '',
      name: 'shop.sold',
      version: 1,
      key: 'a',
      part: 6,
      tenant: tenantA,
      actor: { kind: 'user', id: ctx.actor.id },
      reqId: ctx.reqId,
      traceparent: ctx.traceparent,
      correlation: ctx.reqId,
      causation: null,
      headers: { import: '7' },
      seq: '1',
      src: 0,
      attempt: 1,
      redriven: false,
      body: { key: 'a', value: 1 },
    },
  );
});

test('publish sends nothing for a transaction that rolls back', async (t) => {
  const { database, outbox, heard, settled } = await start(t);
  const failing = database.write(testCtx({ tenant: tenantA }), async (tx) => {
    outbox.publish(tx, sold, { key: 'a', value: 1 });
    throw new RangeError('not today');
  });

  await assert.rejects(failing, { message: 'not today' });
  await settled();

  assert.deepEqual(heard, []);
});

test('publish within a savepoint that rolls back sends what was published outside it', async (t) => {
  const { database, outbox, heard, settled } = await start(t);
  await database.write(testCtx({ tenant: tenantA }), async (tx) => {
    outbox.publish(tx, sold, { key: 'before', value: 1 });
    await tx
      .savepoint(async () => {
        outbox.publish(tx, sold, { key: 'within', value: 2 });
        throw new RangeError('not this part');
      })
      .catch(() => undefined);
    outbox.publish(tx, sold, { key: 'after', value: 3 });
  });

  await settled();

  assert.deepEqual(new Set(heard.map(({ key }) => key)), new Set(['after', 'before']));
});

test('publish runs again with the callback of a transaction that is tried again', async (t) => {
  const { database, outbox, heard, settled } = await start(t);
  const ctx = testCtx({ tenant: tenantA });
  const serializable = { isolation: 'serializable', retries: 10 } as const;

  await Promise.all(
    [1, 2, 3].map(() => database.write(ctx, (tx) => sell(tx, outbox, 'one'), serializable)),
  );
  await settled();

  assert.deepEqual(
    heard.map(({ body }) => body),
    [1, 2, 3].map((value) => ({ key: 'one', value })),
  );
});

test('an event of a subscriber names the event and the request that caused it', async (t) => {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const messaging = createMessaging({ database, clock: systemClock, newId, log: noLog });
  const heard: Envelope[] = [];
  messaging.subscribe({
    name: 'shop.closer',
    event: sold,
    handle: async ({ at }, { tx }) => messaging.outbox.publish(tx, closed, { at }),
  });
  messaging.subscribe({
    name: 'shop.listener',
    event: [sold, closed],
    handle: async (envelope) => void heard.push(envelope),
  });
  await messaging.start();
  t.after(() => messaging.drain());
  const ctx = testCtx({ tenant: tenantA });

  await database.write(ctx, async (tx) => {
    messaging.outbox.publish(tx, sold, { key: 'a', value: 1 });
  });
  await messaging.settled(AbortSignal.timeout(10_000));

  const cause = heard.find(({ name }) => name === sold.name);
  const effect = heard.find(({ name }) => name === closed.name);
  assert.equal(effect?.causation, cause?.id);
  assert.equal(effect?.correlation, ctx.reqId);
  assert.deepEqual(effect.actor, { kind: 'system', id: 'shop.closer' });
});

test('publish refuses what cannot be sent', async (t) => {
  const { database, outbox } = await start(t);
  const refuse = (work: Parameters<typeof database.write<void>>[1], code: string) =>
    assert.rejects(database.write(testCtx({ tenant: tenantA }), work), { code });

  await refuse(
    async (tx) => outbox.publish(tx, sold, { key: 'a', value: 0.5 }),
    'messaging.bad_event',
  );
  await refuse(
    async (tx) => outbox.publish(tx, sold, { key: 'k'.repeat(201), value: 1 }),
    'messaging.bad_key',
  );
  await refuse(
    async (tx) => outbox.publish(tx, closed, { at: 'x'.repeat(262_144) }),
    'messaging.too_large',
  );
  await refuse(async (tx) => {
    for (let n = 0; n <= 32; n += 1) outbox.publish(tx, sold, { key: `k${n}`, value: n });
  }, 'messaging.too_many_keys');
});

test('publish keeps the longest key and the largest number of locked keys', async (t) => {
  const { database, outbox, heard, settled } = await start(t);

  await database.write(testCtx({ tenant: tenantA }), async (tx) => {
    for (let n = 0; n < 32; n += 1) {
      outbox.publish(tx, sold, { key: String(n).padEnd(200, '.'), value: n });
    }
  });
  await settled();

  assert.equal(heard.length, 32);
});

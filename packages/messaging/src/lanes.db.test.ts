import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { eventually, openDatabase, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import type { Envelope } from './envelope.ts';
import type { DeadLetter, Messaging } from './messaging.ts';
import {
  ledger,
  recordSale,
  recordSales,
  shopMigrations,
  soldInBulk,
  tenantA,
  tenantB,
} from './shop-fixture.ts';
import type { Subscription } from './subscription.ts';

const newId = createIds(systemClock);
const subscription = 'shop.listener';
const operator = { kind: 'operator', id: 'ada' } as const;
type Sale = Envelope<{ key: string; value: number }>;

/** A subscriber that writes the ledger, once `poison` lets it. */
async function start(
  t: TestContext,
  poison: (sale: Sale) => void | Promise<void>,
  more: Partial<Subscription<typeof soldInBulk>> = {},
) {
  const database = await openDatabase(t, { migrations: shopMigrations });
  const messaging = createMessaging({
    database,
    clock: systemClock,
    newId,
    log: noLog,
    config: { pollMs: 10 },
  });
  messaging.subscribe({
    name: subscription,
    event: soldInBulk,
    async handle(sale, { tx }) {
      await recordSale(tx, subscription, sale);
      await poison(sale);
    },
    ...more,
  });
  await messaging.start();
  t.after(() => messaging.drain(500));
  const publish = (pairs: readonly (readonly [string, number])[], tenant = tenantA) =>
    database.write(testCtx({ tenant }), async (tx) => {
      for (const [key, value] of pairs) messaging.outbox.publish(tx, soldInBulk, { key, value });
    });
  const effects = async (tenant = tenantA) => {
    const rows = await database.many(testCtx({ tenant }), ledger, { subscription });
    return rows.map(({ key, value }) => `${key}${value}`);
  };
  const settled = () => messaging.settled(AbortSignal.timeout(10_000));
  return { database, messaging, publish, effects, settled };
}

async function deadOf(messaging: Messaging): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of messaging.admin.dead({ subscription })) letters.push(letter);
  return letters;
}

test('an event that fails is tried again, and those behind it wait', async (t) => {
  const attempts: number[] = [];
  const { publish, effects, settled } = await start(
    t,
    (sale) => {
      if (sale.body.value !== 1) return;
      attempts.push(sale.attempt);
      if (sale.attempt < 3) throw new RangeError('not yet');
    },
    { retry: { delaysMs: [20, 20, 20] } },
  );

  await publish([
    ['a', 1],
    ['a', 2],
    ['a', 3],
  ]);
  await settled();

  assert.deepEqual(attempts, [1, 2, 3]);
  assert.deepEqual(await effects(), ['a1', 'a2', 'a3']);
});

test('an event that fails does not hold up other keys, nor the same key of another tenant', async (t) => {
  const mayPass = Promise.withResolvers<void>();
  let isOpen = false;
  void mayPass.promise.then(() => (isOpen = true));
  const { publish, effects, settled } = await start(
    t,
    (sale) => {
      if (sale.tenant === tenantA && sale.body.key === 'a' && !isOpen) throw new RangeError('no');
    },
    { retry: { delaysMs: Array.from({ length: 50 }, () => 20) } },
  );

  await publish([
    ['a', 1],
    ['b', 1],
  ]);
  await publish([['a', 1]], tenantB);
  await eventually(async () => assert.deepEqual(await effects(), ['b1']));
  await eventually(async () => assert.deepEqual(await effects(tenantB), ['a1']));
  mayPass.resolve();
  await settled();

  assert.deepEqual(await effects(), ['b1', 'a1']);
});

test('an event without attempts left is dead, its key goes on, and a redrive handles it', async (t) => {
  let isBroken = true;
  const { messaging, publish, effects, settled } = await start(
    t,
    ({ body }) => {
      if (body.value === 1 && isBroken) throw new RangeError('never');
    },
    { retry: { delaysMs: [10] } },
  );
  await publish([
    ['a', 1],
    ['a', 2],
  ]);
  await settled();
  const [letter] = await deadOf(messaging);
  const before = await effects();

  isBroken = false;
  const first = await messaging.admin.redrive({ ids: [letter?.id ?? ''] }, operator);
  const second = await messaging.admin.redrive({ ids: [letter?.id ?? ''] }, operator);
  await settled();

  assert.deepEqual(before, ['a2']);
  assert.equal(letter?.reason, 'failed');
  assert.equal(letter.attempts, 2);
  assert.equal(letter.error, 'RangeError: never');
  assert.deepEqual([first.moved, second.moved], [1, 0]);
  assert.deepEqual(await effects(), ['a2', 'a1']);
  assert.deepEqual(await deadOf(messaging), []);
});

test('a key that blocks behind a dead event waits until that is discarded', async (t) => {
  const { messaging, publish, effects, settled } = await start(
    t,
    ({ body }) => {
      if (body.value === 1) throw new RangeError('never');
    },
    { retry: { delaysMs: [] }, park: { afterDead: 'block' } },
  );
  await publish([
    ['a', 1],
    ['a', 2],
    ['b', 5],
  ]);
  const letters = await eventually(async () => {
    const found = await deadOf(messaging);
    assert.equal(found.length, 1);
    return found;
  });
  await eventually(async () => assert.deepEqual(await effects(), ['b5']));
  await publish([['a', 3]]);

  const ids = letters.map(({ id }) => id);
  const count = await messaging.admin.discard(ids, operator, 'a test sale');
  await settled();

  assert.equal(count, 1);
  assert.deepEqual(await effects(), ['b5', 'a2', 'a3']);
});

test('an error that no attempt can mend makes an event dead at once', async (t) => {
  let attempts = 0;
  const { messaging, publish, settled } = await start(
    t,
    () => {
      attempts += 1;
      throw new RangeError('never');
    },
    { retry: { permanent: (error) => error instanceof RangeError } },
  );

  await publish([['a', 1]]);
  await settled();

  assert.equal(attempts, 1);
  assert.equal((await deadOf(messaging))[0]?.reason, 'permanent');
});

test('a batch with a poisoned event runs one by one, and only the key of that waits', async (t) => {
  const sizes: number[] = [];
  const { messaging, publish, effects, settled } = await start(
    t,
    ({ body }) => {
      if (body.key === 'p') throw new RangeError('never');
    },
    {
      retry: { delaysMs: [] },
      async handleBatch(sales, { tx }) {
        sizes.push(sales.length);
        await recordSales(tx, subscription, sales);
        if (sales.some(({ body }) => body.key === 'p')) throw new RangeError('never');
      },
    },
  );
  // All in one part, so that they come as one batch.
  await publish([
    ['a', 1],
    ['p', 1],
    ['a', 2],
    ['a', 3],
  ]);
  await settled();
  await publish([
    ['a', 4],
    ['a', 5],
  ]);
  await settled();

  assert.deepEqual(
    (await effects()).filter((effect) => effect.startsWith('a')),
    ['a1', 'a2', 'a3', 'a4', 'a5'],
  );
  assert.equal((await deadOf(messaging)).length, 1);
  assert(sizes.length > 0, 'batches came');
});

test('a subscriber that takes too long is told to stop, and its event is tried again', async (t) => {
  let attempts = 0;
  const { publish, effects, settled } = await start(t, () => undefined, {
    timeoutMs: 50,
    retry: { delaysMs: [10] },
    async handle(sale, { tx, signal }) {
      attempts += 1;
      await recordSale(tx, subscription, sale);
      if (attempts > 1) return;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    },
  });

  await publish([['a', 1]]);
  await settled();

  assert.equal(attempts, 2);
  assert.deepEqual(await effects(), ['a1']);
});

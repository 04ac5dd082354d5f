import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { eventually, openDatabase, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import type { Envelope } from './envelope.ts';
import type { DeadLetter, Messaging } from './messaging.ts';
import { ledger, recordSale, shopMigrations, soldInBulk, tenantA } from './shop-fixture.ts';
import type { Subscription } from './subscription.ts';

const newId = createIds(systemClock);
const subscription = 'shop.listener';
const operator = { kind: 'operator', id: 'ada' } as const;
/** Events that wait, so that more than the one that is being read does. */
const waitingMin = 5;
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

test('a paused subscription handles nothing until it is resumed', async (t) => {
  const { messaging, publish, effects, settled } = await start(t, () => undefined);
  await messaging.admin.pause(subscription, operator, 'a look at it');
  // The reader's next look sees the pause: what is published until then may still be handled.
  let published = 0;
  const lag = await eventually(async () => {
    published += 1;
    await publish([[`a${published}-`, 1]]);
    const [first] = await messaging.admin.lag();
    assert((first?.pending ?? 0) >= waitingMin);
    return first;
  });
  assert((await effects()).length < published);

  await messaging.admin.resume(subscription, operator);
  await settled();

  assert.equal(lag?.pausedWhy, 'a look at it');
  assert.equal((await effects()).length, published);
});

test('more held events of a key than may be pause the subscription', async (t) => {
  let isBroken = true;
  const { messaging, publish, effects, settled } = await start(
    t,
    () => {
      if (isBroken) throw new RangeError('no');
    },
    { retry: { delaysMs: [10, 200, 200, 200, 200] }, park: { maxHeldPerKey: 2 } },
  );

  await publish([1, 2, 3, 4].map((value) => ['a', value] as const));
  await eventually(async () => {
    const [lag] = await messaging.admin.lag();
    assert.equal(lag?.pausedWhy, 'lane-full');
  });
  isBroken = false;
  await messaging.admin.resume(subscription, operator);
  await settled();

  assert.deepEqual(await effects(), ['a1', 'a2', 'a3', 'a4']);
});

test('more held events of a key than may be make the first of them dead where that is chosen', async (t) => {
  const { messaging, publish, effects, settled } = await start(
    t,
    ({ body }) => {
      if (body.value === 1) throw new RangeError('no');
    },
    { retry: { delaysMs: [60_000] }, park: { maxHeldPerKey: 2, onFull: 'dead' } },
  );

  await publish([1, 2, 3, 4].map((value) => ['a', value] as const));
  await settled();

  assert.equal((await deadOf(messaging))[0]?.reason, 'lane-full');
  assert.deepEqual(await effects(), ['a2', 'a3', 'a4']);
});

test('a replay handles what is retained once more', async (t) => {
  const { messaging, publish, effects, settled } = await start(t, () => undefined);
  await publish([
    ['a', 1],
    ['a', 2],
  ]);
  await settled();

  const { count } = await messaging.admin.replay(subscription, new Date(0), operator);
  await settled();

  assert.equal(count, 2);
  assert.deepEqual(await effects(), ['a1', 'a2', 'a1', 'a2']);
});

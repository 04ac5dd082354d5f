import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { createDatabase, sql, t as type } from '@plinth/postgres';
import { createCluster, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import type { ExternalSubscription } from './subscription.ts';
import { sell, shopMigrations, soldInBulk, tenantA } from './shop-fixture.ts';

const withinMs = 180_000;
const counted = sql({ key: type.text }, { value: type.int4 })`
  select value from shop.counter where key = ${'key'}`;

test('a subscriber that reads from replicas sees what its event tells of, however late they are', async (t) => {
  const cluster = await createCluster(t, { migrations: shopMigrations });
  const database = createDatabase({ url: cluster.url });
  t.after(() => database.drain(0));
  const needs = { database, clock: systemClock, newId: createIds(systemClock), log: noLog };
  const messaging = createMessaging({ ...needs, config: { pollMs: 10 } });
  const seen: (readonly [number, number | undefined])[] = [];
  const reader: ExternalSubscription<typeof soldInBulk> = {
    name: 'shop.reader',
    event: soldInBulk,
    effects: 'external',
    async handle({ body }, { ctx }) {
      const row = await database.read(ctx, (q) => q.maybe(counted, { key: body.key }));
      seen.push([body.value, row?.value]);
    },
  };
  messaging.subscribe(reader);
  await messaging.start();
  t.after(() => messaging.drain(500));
  const ctx = testCtx({ tenant: tenantA, withinMs });
  const sellOne = () => database.write(ctx, (tx) => sell(tx, messaging.outbox, 'a'));
  await sellOne();
  await messaging.settled(AbortSignal.timeout(withinMs));
  await cluster.caughtUp(0);
  for (const replica of [1, 2]) await cluster.pauseReplay(replica);

  for (let n = 2; n <= 4; n += 1) {
    await sellOne();
    await messaging.settled(AbortSignal.timeout(withinMs));
  }

  for (const replica of [1, 2]) await cluster.resumeReplay(replica);
  assert.equal(seen.length, 4);
  assert.ok(
    seen.every(([told, read]) => read !== undefined && read >= told),
    JSON.stringify(seen),
  );
});

import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { createIds, noLog, systemClock } from '@plinth/core';
import { createDatabase, migrate, sql, t, type Context, type Database } from '@plinth/postgres';
import { startEmbedded } from '@plinth/postgres/embedded';
import { startRedis } from '@plinth/testing/redis';

import { createMessaging } from './create-messaging.ts';
import { drainGraphile, type Peer } from './peers-fixture.ts';
import { drainBoss, drainBull } from './queue-peers-fixture.ts';
import { shopMigrations, soldInBulk, tenantA } from './shop-fixture.ts';

const folder = resolve('node_modules/.cache/messaging-bench');
const drainRows = 60_000;
const publishTransactions = 1_500;
const clients = 8;
const payload = 'x'.repeat(240);
const subscription = 'shop.drain';
const newId = createIds(systemClock);

const touch = sql({ key: t.text }, {})`
  insert into shop.counter (tenant_id, key, value)
  values (current_setting('app.tenant')::uuid, ${'key'}, 1)
  on conflict (tenant_id, key) do update set value = shop.counter.value + 1`;

const contextOf = (): Context => ({
  tenant: tenantA,
  signal: new AbortController().signal,
  position: { get: () => undefined, advance: () => undefined },
});

/** Transactions a second: four statements each, with the event or without. */
async function transact(database: Database, publishes: boolean): Promise<number> {
  const { outbox } = createMessaging({ database, clock: systemClock, newId, log: noLog });
  let left = publishTransactions;
  const beganMs = performance.now();
  const work = async (client: number) => {
    for (; left > 0;) {
      left -= 1;
      const n = left;
      await database.write(contextOf(), async (tx) => {
        for (let statement = 0; statement < 4; statement += 1) {
          await tx.run(touch, { key: `c${client}.${statement}` });
        }
        if (publishes)
          outbox.publish(tx, soldInBulk, { key: `c${client}.${payload}`.slice(0, 190), value: n });
      });
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  return (publishTransactions * 1_000) / (performance.now() - beganMs);
}

/** Events a second from a full outbox, bodies delivered, through relay, claim and commit, to an idle handler. */
async function drain(database: Database, batchMax: number): Promise<number> {
  const needs = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...needs, config: { prefetchRows: 16_384, handlersMax: 8 } });
  let handled = 0;
  const done = Promise.withResolvers<void>();
  const count = async (events: number) => {
    handled += events;
    if (handled >= drainRows) done.resolve();
  };
  messaging.subscribe({
    name: subscription,
    event: soldInBulk,
    batchMax,
    handle: () => count(1),
    handleBatch: (events) => count(events.length),
  });
  // Registered, so that what is published waits for it.
  await messaging.start();
  await messaging.admin.pause(subscription, { kind: 'system', id: 'bench' }, 'fill');
  await systemClock.sleep(1_500, new AbortController().signal);
  for (let from = 0; from < drainRows; from += 5_000) {
    await database.write(contextOf(), async (tx) => {
      for (let n = from; n < from + 5_000; n += 1) {
        messaging.outbox.publish(tx, soldInBulk, { key: `k${n % 5_000}`, value: n });
      }
    });
  }
  const beganMs = performance.now();
  await messaging.admin.resume(subscription, { kind: 'system', id: 'bench' });
  await done.promise;
  const seconds = (performance.now() - beganMs) / 1_000;
  await messaging.settled(AbortSignal.timeout(60_000));
  await messaging.drain();
  return handled / seconds;
}

interface Claim {
  readonly name: string;
  readonly peerName: string;
  readonly target: number;
  ours(): Promise<number>;
  peer(): Promise<number>;
}

function claimsOf(database: Database, adminUrl: string, redisUrl: string): Claim[] {
  const ours = (batchMax: number) => () => drain(database, batchMax);
  const against = (claim: Omit<Claim, 'ours' | 'peer'>, batchMax: number, peer: Peer) => ({
    ...claim,
    ours: ours(batchMax),
    peer: () => peer(adminUrl, drainRows, payload),
  });
  return [
    {
      name: 'publish',
      peerName: 'the transaction without the event',
      target: 0.85,
      ours: () => transact(database, true),
      peer: () => transact(database, false),
    },
    against(
      { name: 'drain-graphile-tuned', peerName: 'graphile-worker, tuned', target: 2.5 },
      1_000,
      drainGraphile('tuned'),
    ),
    against(
      { name: 'drain-graphile', peerName: 'graphile-worker as installed', target: 6 },
      256,
      drainGraphile('installed'),
    ),
    against(
      { name: 'drain-bullmq-tuned', peerName: 'bullmq on Redis, 200 at once', target: 1.5 },
      1_000,
      drainBull('tuned', redisUrl),
    ),
    against(
      { name: 'drain-bullmq', peerName: 'bullmq on Redis as installed', target: 1.5 },
      1_000,
      drainBull('installed', redisUrl),
    ),
    against(
      { name: 'drain-boss-tuned', peerName: 'pg-boss, batches of 1,000 in bursts', target: 1.5 },
      1_000,
      drainBoss('tuned'),
    ),
    against(
      { name: 'drain-boss', peerName: 'pg-boss as installed', target: 8 },
      1_000,
      drainBoss('installed'),
    ),
  ];
}

export const bench = {
  name: 'messaging',
  async open() {
    createRequire(resolve('bench/package.json')).resolve('graphile-worker');
    await mkdir(folder, { recursive: true });
    const server = await startEmbedded({ folder, settings: {} });
    const ends: (() => Promise<unknown>)[] = [];
    const redis = await startRedis({ after: (end) => ends.unshift(end) });
    await migrate(server.adminUrl, shopMigrations);
    const database = createDatabase({ url: server.url, poolMax: 12, slowMs: 60_000 });
    const cases = claimsOf(database, server.adminUrl, redis.url).map((claim) => ({
      ...claim,
      unit: '/s',
      better: 'higher' as const,
      rounds: 3,
      async measure(oursFirst: boolean) {
        const first = oursFirst ? await claim.ours() : await claim.peer();
        const second = oursFirst ? await claim.peer() : await claim.ours();
        return oursFirst ? { ours: first, peer: second } : { ours: second, peer: first };
      },
    }));
    const close = async () => {
      await database.drain(0);
      for (const end of ends) await end();
      await server.stop();
    };
    return { cases, close };
  },
};

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';
import { eventually, testCtx } from '@plinth/testing';

import { createJobs } from './create-jobs.ts';
import { add, enqueue, ended, newId, openShop, type Shop } from './jobs-fixture.ts';

const operator = { kind: 'operator', id: 'ada' } as const;
const workerCount = 4;

/** Several workers of four slots each, and how many jobs of whom ran at once. */
async function startMany(shop: Shop) {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const enter = (who: string, by: 1 | -1) => {
    const now = (running.get(who) ?? 0) + by;
    running.set(who, now);
    most.set(who, Math.max(most.get(who) ?? 0, now));
  };
  const workers = Array.from({ length: workerCount }, () =>
    createJobs({ database: shop.database, clock: systemClock, newId, pollMs: 20 }),
  );
  let ran = 0;
  for (const jobs of workers) {
    jobs.define(add, async (_input, { tenant, signal }) => {
      const who = tenant ?? '';
      for (const one of [who, 'all']) enter(one, 1);
      await systemClock.sleep(5, signal);
      for (const one of [who, 'all']) enter(one, -1);
      ran += 1;
      return 0;
    });
    await jobs.start({ queues: { default: 4 } });
  }
  const drain = async () => {
    await Promise.all(workers.map((jobs) => jobs.drain(0)));
  };
  return { most, ran: () => ran, drain };
}

test('limits of a queue, of each tenant and of one hold exactly over many workers', async (t) => {
  const shop = await openShop(t);
  const { admin } = shop.jobs;
  const tenants = Array.from({ length: 3 }, () => testCtx({ tenant: newId() }));
  const [free = '', second = ''] = tenants.map(({ tenant }) => tenant);
  await admin.limit({ queue: 'default', tenant: '', runningMax: 5 }, operator);
  await admin.limit({ queue: 'default', tenant: '*', runningMax: 2 }, operator);
  await admin.limit({ queue: 'default', tenant: free, runningMax: 4 }, operator);
  for (const ctx of tenants) {
    const inputs = Array.from({ length: 60 }, (_, n) => ({ n }));
    await shop.database.write(ctx, (tx) => shop.jobs.enqueueMany(tx, add, inputs));
  }

  const { most, ran, drain } = await startMany(shop);
  t.after(drain);
  await eventually(() => ran() === 180, { withinMs: 120_000 });

  assert((most.get('all') ?? 0) <= 5, `${most.get('all')} at once`);
  assert((most.get(free) ?? 0) <= 4, `${most.get(free)} of one`);
  assert((most.get(second) ?? 0) <= 2, `${most.get(second)} of another`);
});

test('a tenant at its limit is stepped over, and goes on when the limit is taken away', async (t) => {
  const shop = await openShop(t);
  const { admin } = shop.jobs;
  const other = { ...shop, ctx: testCtx({ tenant: newId() }) };
  await admin.limit(
    { queue: 'default', tenant: shop.ctx.tenant, runningMax: 0 },
    operator,
    'a look',
  );
  const held = await enqueue(shop, add, 1);
  shop.jobs.define(add, async () => 0);
  await shop.jobs.start({ queues: { default: 2 } });

  await ended(other, (await enqueue(other, add, 1)).id);
  const before = await shop.jobs.get(shop.ctx, held.id);
  await admin.limit({ queue: 'default', tenant: shop.ctx.tenant, runningMax: null }, operator);

  assert.equal(before?.state, 'ready');
  assert.equal((await ended(shop, held.id)).state, 'done');
  assert.deepEqual(await admin.limits(), []);
  assert.deepEqual(
    (await admin.acts()).map(({ action, queue, why }) => [action, queue, why]),
    [
      ['limit', 'default', null],
      ['limit', 'default', 'a look'],
    ],
  );
});

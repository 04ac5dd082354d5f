import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, testCtx } from '@plinth/testing';

import { Bands } from './bands.ts';
import { add, ended, enqueue, newId, openShop } from './jobs-fixture.ts';

test('a job of another tenant does not wait behind the thousands of one', async (t) => {
  const shop = await openShop(t);
  const { database, jobs, ctx } = shop;
  const order: string[] = [];
  jobs.define(add, async (_input, { tenant }) => {
    order.push(tenant ?? '');
    return 0;
  });
  const inputs = Array.from({ length: 5_000 }, (_, n) => ({ n }));
  await database.write(ctx, (tx) => jobs.enqueueMany(tx, add, inputs));
  await jobs.start({ queues: { default: 4 } });
  await eventually(() => order.length > 50, { withinMs: 60_000 });

  const other = { ...shop, ctx: testCtx({ tenant: newId() }) };
  const before = order.length;
  const { id } = await enqueue(other, add, 1);
  await ended(other, id);

  const waited = order.indexOf(other.ctx.tenant) - before;
  assert(waited < 200, `${waited} jobs of the other ran first`);
});

test('tenants take turns', async (t) => {
  const shop = await openShop(t);
  const order: string[] = [];
  shop.jobs.define(add, async (_input, { tenant }) => {
    order.push(tenant ?? '');
    return 0;
  });
  const tenants = Array.from({ length: 5 }, () => testCtx({ tenant: newId() }));
  for (const ctx of tenants) {
    const inputs = Array.from({ length: 20 }, (_, n) => ({ n }));
    await shop.database.write(ctx, (tx) => shop.jobs.enqueueMany(tx, add, inputs));
  }

  await shop.jobs.start({ queues: { default: 1 } });

  await eventually(() => order.length === 100, { withinMs: 60_000 });
  for (let round = 0; round < 20; round += 1) {
    assert.equal(new Set(order.slice(round * 5, round * 5 + 5)).size, 5, `round ${round}`);
  }
});

test('high goes before normal before low, and low always moves', async (t) => {
  const shop = await openShop(t);
  const { database, jobs, ctx } = shop;
  const order: string[] = [];
  const priorities = ['low', 'normal', 'high'] as const;
  for (const priority of priorities) {
    const contract = { ...add, name: `test.${priority}`, priority };
    jobs.define(contract, async () => {
      order.push(priority);
      return 0;
    });
    const inputs = Array.from({ length: 130 }, (_, n) => ({ n }));
    await database.write(ctx, (tx) => jobs.enqueueMany(tx, contract, inputs));
  }

  await jobs.start({ queues: { default: 1 } });

  await eventually(() => order.length >= 130, { withinMs: 60_000 });
  const first = order.slice(0, 130);
  const counts = priorities.map((priority) => first.filter((one) => one === priority).length);
  assert.deepEqual(counts, [10, 40, 80]);
});

test('one slot at a time is shared 8 : 4 : 1', () => {
  const bands = new Bands();
  const sums = [0, 0, 0];

  for (let i = 0; i < 1_300; i += 1) {
    for (const [band, slots] of bands.share(1).entries()) sums[band] = (sums[band] ?? 0) + slots;
  }

  assert.deepEqual(sums, [800, 400, 100]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bindLocal } from '@plinth/contract/local';
import { testCtx } from '@plinth/testing';

import { jobs as contract } from './contract.ts';
import { add, ended, enqueue, newId, openShop } from './jobs-fixture.ts';
import { createJobsApi } from './jobs-api.ts';

test('people list, read and cancel the jobs of their tenant', async (t) => {
  const shop = await openShop(t);
  const api = bindLocal(createJobsApi(shop.jobs), { check: 'clone' });
  const ctx = testCtx({
    tenant: shop.ctx.tenant,
    permissions: ['customers.read', 'imports.write'],
  });
  const waiting = await enqueue(shop, add, 1);
  assert.deepEqual(await api.cancelJob(ctx, { id: waiting.id }), { outcome: 'cancelled' });
  shop.jobs.define(add, async ({ n }) => n);
  await shop.jobs.start({ queues: { default: 1 } });
  const done = await enqueue(shop, add, 2);
  await ended(shop, done.id);

  const { items, next } = await api.listJobs(ctx, {});

  assert.deepEqual(
    items.map(({ id, state, result }) => [id, state, result]),
    [
      [done.id, 'done', '2'],
      [waiting.id, 'cancelled', null],
    ],
  );
  assert.equal(next, null);
  assert.equal((await api.getJob(ctx, { id: done.id })).fraction, 1);
});

test('who may not, or is of another tenant, gets nothing', async (t) => {
  const shop = await openShop(t);
  const api = bindLocal(createJobsApi(shop.jobs), { check: 'full' });
  const { id } = await enqueue(shop, add, 1);
  const reader = testCtx({ tenant: shop.ctx.tenant, permissions: ['customers.read'] });
  const other = testCtx({ tenant: newId(), permissions: ['customers.read', 'imports.write'] });

  await assert.rejects(api.cancelJob(reader, { id }), { code: 'auth.forbidden' });
  await assert.rejects(api.getJob(other, { id }), { code: 'jobs.not_found' });
  await assert.rejects(api.cancelJob(other, { id }), { code: 'jobs.not_found' });
  assert.deepEqual(await api.listJobs(other, {}), { items: [], next: null });
  assert.equal(contract.operations.listJobs.permission, 'customers.read');
});

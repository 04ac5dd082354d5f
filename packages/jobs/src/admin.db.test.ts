import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '@plinth/testing';

import { createJobsAdmin } from './admin.ts';
import { add, ended, enqueue, newId, openShop, type Shop } from './jobs-fixture.ts';

const operator = { kind: 'operator', id: 'ada' } as const;

/** Two dead jobs of one tenant and one of another, and nobody who would run them. */
async function withDead(shop: Shop) {
  const other = { ...shop, ctx: { ...shop.ctx, tenant: newId() } };
  shop.jobs.define({ ...add, attempts: 1 }, async () => {
    throw new Error('no');
  });
  await shop.jobs.start({ queues: { default: 2 } });
  const contract = { ...add, attempts: 1 };
  const first = await enqueue(shop, contract, 1);
  const second = await enqueue(shop, contract, 2);
  const third = await enqueue(other, contract, 3);
  for (const [owner, { id }] of [
    [shop, first],
    [shop, second],
    [other, third],
  ] as const) {
    await ended(owner, id);
  }
  await shop.jobs.drain();
  return { first, second, third, other };
}

test('an operator sees the jobs of all tenants, or of one', async (t) => {
  const shop = await openShop(t);
  const { first, second, third, other } = await withDead(shop);
  const admin = createJobsAdmin(shop.database);

  const all = await admin.list({ state: 'dead' });
  const ofOther = await admin.list({ tenant: other.ctx.tenant });

  assert.deepEqual(
    all.map(({ id }) => id),
    [third.id, second.id, first.id],
  );
  assert.deepEqual(
    ofOther.map(({ id, tenant }) => [id, tenant]),
    [[third.id, other.ctx.tenant]],
  );
  assert.equal((await admin.get(first.id))?.tenant, shop.ctx.tenant);
});

test('dead jobs are made ready by their ids or by what they are, and the record says who did it and why', async (t) => {
  const shop = await openShop(t);
  const { first, third, other } = await withDead(shop);
  const admin = createJobsAdmin(shop.database);

  const byId = await admin.retry({ ids: [first.id, first.id] }, operator, 'fixed');
  const byTenant = await admin.retry({ where: { tenant: other.ctx.tenant } }, operator, 'fixed');
  const byQueue = await admin.retry({ where: { queue: 'default' } }, operator, 'fixed');
  const again = await admin.retry({ where: { queue: 'default' } }, operator, 'fixed');

  assert.deepEqual([byId, byTenant, byQueue, again], [1, 1, 1, 0]);
  assert.equal((await admin.get(third.id))?.state, 'ready');
  const acts = await admin.acts();
  assert.deepEqual(
    acts.map(({ actor, action, why }) => [actor, action, why]),
    Array.from({ length: 3 }, () => ['operator:ada', 'retry', 'fixed']),
  );
});

test('what waits is cancelled for any tenant, and one that had ended leaves no record', async (t) => {
  const shop = await openShop(t);
  const admin = createJobsAdmin(shop.database);
  const { id } = await enqueue(shop, add, 1);

  assert.equal(await admin.cancel(id, operator, 'not wanted'), 'cancelled');
  assert.equal(await admin.cancel(id, operator), 'already-finished');

  assert.equal((await shop.jobs.get(shop.ctx, id))?.state, 'cancelled');
  assert.deepEqual(
    (await admin.acts()).map(({ action, ids }) => [action, ids]),
    [['cancel', [id]]],
  );
  await assert.rejects(admin.cancel(newId(), operator), { code: 'jobs.not_found' });
});

test('the state of a queue says what waits in it, and who paused it and why', async (t) => {
  const shop = await openShop(t);
  const admin = createJobsAdmin(shop.database);
  await enqueue(shop, add, 1);
  await admin.pause('default', operator, 'the bank is down');

  const [state] = await admin.queues();
  await admin.resume('default', operator);
  const [resumed] = await admin.queues();

  assert.deepEqual(
    [state?.queue, state?.ready, state?.pausedBy, state?.pausedWhy],
    ['default', 1, 'operator:ada', 'the bank is down'],
  );
  assert.equal(resumed?.pausedBy, null);
});

test('a schedule that is run from another process fires once', async (t) => {
  const shop = await openShop(t);
  const admin = createJobsAdmin(shop.database);
  const ran: string[] = [];
  shop.jobs.define(add, async (_input, { id }) => {
    ran.push(id);
    return 0;
  });
  shop.jobs.schedule({
    name: 'test.yearly',
    cron: '0 0 1 1 *',
    zone: 'UTC',
    job: { contract: add, input: { n: 1 } },
    missed: 'skip',
    overlap: 'queue',
  });
  await shop.jobs.start({ queues: { default: 1 } });
  const [before] = await admin.schedules();

  await admin.run('test.yearly', operator, 'now');
  const fired = async () => (await admin.list({ name: add.name, state: 'done' })).length > 0;
  await eventually(fired, { withinMs: 60_000 });

  const [after] = await admin.schedules();
  assert.deepEqual([ran.length, after?.nextFire], [1, before?.nextFire]);
  await assert.rejects(admin.run('test.none', operator), { code: 'jobs.not_found' });
});

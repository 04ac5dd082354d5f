import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem, systemClock, type Ctx } from '@plinth/core';
import { z } from '@plinth/core/z';
import { testCtx } from '@plinth/testing';

import type { JobContract } from './jobs.ts';
import { add, ended, enqueue, newId, openShop, type Input } from './jobs-fixture.ts';

test('a job that was enqueued runs, and its result is kept', async (t) => {
  const shop = await openShop(t);
  shop.jobs.define(add, async ({ n }) => n + 1);
  await shop.jobs.start({ queues: { default: 2 } });

  const { id, created } = await enqueue(shop, add, 1);

  assert.equal(created, true);
  const view = await ended(shop, id);
  assert.deepEqual(
    [view.state, view.result, view.attempt, view.fraction, view.error],
    ['done', 2, 1, 1, null],
  );
});

test('a job of a transaction that rolls back never was', async (t) => {
  const shop = await openShop(t);
  const { database, jobs, ctx } = shop;
  let id = '';

  const failing = database.write(ctx, async (tx) => {
    ({ id } = await jobs.enqueue(tx, add, { n: 1 }));
    throw new Problem('no', { code: 'test.no', kind: 'conflict' });
  });

  await assert.rejects(failing, { code: 'test.no' });
  assert.equal(await jobs.get(ctx, id), undefined);
});

test('an input that does not fit, or is over 64 KiB, is refused', async (t) => {
  const shop = await openShop(t);
  const { database, jobs, ctx } = shop;
  const long: JobContract<{ text: string }> = {
    name: 'test.long',
    input: z.object({ text: z.string() }),
  };
  const bad = { code: 'jobs.bad_input', kind: 'invalid' };

  await assert.rejects(enqueue(shop, add, 0.5), bad);
  const overhead = '{"text":""}'.length;
  const write = (length: number) =>
    database.write(ctx, (tx) => jobs.enqueue(tx, long, { text: 'x'.repeat(length) }));
  await write(65_536 - overhead);
  await assert.rejects(write(65_537 - overhead), bad);
});

test('a job sees its tenant, its enqueuer and its trace', async (t) => {
  const shop = await openShop(t);
  const ctx = testCtx({ tenant: newId(), permissions: ['customers.write'] });
  const seen = Promise.withResolvers<Ctx>();
  shop.jobs.define(add, async (_input, x) => {
    seen.resolve(x.ctx);
    return 0;
  });
  await shop.jobs.start({ queues: { default: 1 } });

  await enqueue({ ...shop, ctx }, add, 1);

  const inside = await seen.promise;
  assert.deepEqual([inside.tenant, inside.reqId], [ctx.tenant, ctx.reqId]);
  assert.deepEqual(inside.actor, ctx.actor);
});

test('a job that fails waits and runs again, until its attempts are used up', async (t) => {
  const shop = await openShop(t);
  const contract = { ...add, attempts: 3, backoff: { baseMs: 1, maxMs: 5 } };
  const attempts: number[] = [];
  shop.jobs.define(contract, async (_input, { attempt }) => {
    attempts.push(attempt);
    throw new Problem('The source is away.', { code: 'test.away', kind: 'unavailable' });
  });
  await shop.jobs.start({ queues: { default: 1 } });

  const { id } = await enqueue(shop, contract, 1);

  const view = await ended(shop, id);
  assert.deepEqual(attempts, [1, 2, 3]);
  assert.deepEqual(view.error, { code: 'test.away', message: 'The source is away.' });
  assert.equal(view.state, 'dead');
});

test('a problem that trying again would not change makes it dead at once, and retry brings it back', async (t) => {
  const shop = await openShop(t);
  let isGone = true;
  shop.jobs.define(add, async ({ n }) => {
    if (isGone) throw new Problem('Gone.', { code: 'test.gone', kind: 'notFound' });
    return n;
  });
  await shop.jobs.start({ queues: { default: 1 } });
  const { id } = await enqueue(shop, add, 7);
  const dead = await ended(shop, id);

  isGone = false;
  const retried = await shop.jobs.retry(shop.ctx, [id]);

  assert.deepEqual([dead.state, dead.attempt, retried], ['dead', 1, 1]);
  const done = await ended(shop, id);
  assert.deepEqual([done.state, done.result, done.attempt], ['done', 7, 1]);
});

test('a job for later waits until then', async (t) => {
  const shop = await openShop(t);
  const ran = Promise.withResolvers<number>();
  shop.jobs.define(add, async () => {
    ran.resolve(systemClock.now());
    return 0;
  });
  await shop.jobs.start({ queues: { default: 1 } });
  const runAt = systemClock.now() + 300;

  const { id } = await shop.database.write(shop.ctx, (tx) =>
    shop.jobs.enqueue(tx, add, { n: 1 }, { runAt }),
  );

  assert.equal((await shop.jobs.get(shop.ctx, id))?.state, 'scheduled');
  assert((await ran.promise) >= runAt, 'not before its time');
});

test('list gives pages, newest first', async (t) => {
  const shop = await openShop(t);
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.unshift((await enqueue(shop, add, n)).id);
  await shop.jobs.cancel(shop.ctx, ids[2] ?? '');

  const first = await shop.jobs.list(shop.ctx, { limit: 3 });
  const second = await shop.jobs.list(shop.ctx, { limit: 3, after: first.next ?? '' });
  const ready = await shop.jobs.list(shop.ctx, { state: 'ready' });

  assert.deepEqual(
    [...first.items, ...second.items].map((view) => view.id),
    ids,
  );
  assert.equal(second.next, null);
  assert.equal(ready.items.length, 4);
});

test('many are enqueued in one statement, without those whose key is taken', async (t) => {
  const shop = await openShop(t);
  const { database, jobs, ctx } = shop;
  const unique = { key: ({ n }: Input) => String(n), scope: 'active', onConflict: 'skip' } as const;
  const contract = { ...add, unique };
  await enqueue(shop, contract, 3);

  const inputs = Array.from({ length: 10_000 }, (_, n) => ({ n: n % 5_000 }));
  const made = await database.write(ctx, (tx) => jobs.enqueueMany(tx, contract, inputs));

  assert.deepEqual([made.ids.length, made.skipped], [4_999, 5_001]);
  const tooMany = database.write(ctx, (tx) =>
    jobs.enqueueMany(tx, contract, [...inputs, { n: 1 }]),
  );
  await assert.rejects(tooMany, { code: 'jobs.bad_input' });
});

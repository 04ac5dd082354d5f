import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';
import { sql, t as types } from '@plinth/postgres';
import { eventually, testCtx } from '@plinth/testing';

import { createJobs } from './create-jobs.ts';
import type { JobProgress } from './jobs.ts';
import { add, ended, enqueue, newId, openShop } from './jobs-fixture.ts';

test('another tenant neither sees a job nor cancels it', async (t) => {
  const shop = await openShop(t);
  const other = testCtx({ tenant: newId() });
  const { id } = await enqueue(shop, add, 1);

  assert.equal(await shop.jobs.get(other, id), undefined);
  assert.deepEqual((await shop.jobs.list(other, {})).items, []);
  await assert.rejects(shop.jobs.cancel(other, id), { code: 'jobs.not_found' });
  assert.equal(await shop.jobs.get(testCtx(), id), undefined);
  assert.equal((await shop.jobs.get(shop.ctx, id))?.state, 'ready');
});

test('what waits is cancelled at once, what runs is asked to end, what has ended stays', async (t) => {
  const shop = await openShop(t);
  const { jobs, ctx } = shop;
  const waiting = await enqueue(shop, add, 1);
  assert.equal(await jobs.cancel(ctx, waiting.id), 'cancelled');
  const started = Promise.withResolvers<void>();
  jobs.define(add, async (_input, { signal }) => {
    started.resolve();
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason));
    return aborted.promise;
  });
  await jobs.start({ queues: { default: 1 } });
  const running = await enqueue(shop, add, 2);
  await started.promise;

  assert.equal(await jobs.cancel(ctx, running.id), 'cancelling');

  assert.equal((await ended(shop, running.id)).state, 'cancelled');
  assert.equal(await jobs.cancel(ctx, running.id), 'already-finished');
  assert.equal((await jobs.get(ctx, waiting.id))?.state, 'cancelled');
});

test('a job that runs in another process is cancelled through the database', async (t) => {
  const shop = await openShop(t);
  const started = Promise.withResolvers<void>();
  shop.jobs.define(add, async (_input, { signal }) => {
    started.resolve();
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason));
    return aborted.promise;
  });
  await shop.jobs.start({ queues: { default: 1 } });
  const elsewhere = createJobs({ database: shop.database, clock: systemClock, newId });
  const { id } = await enqueue({ ...shop, jobs: elsewhere }, add, 1);
  await started.promise;

  assert.equal(await elsewhere.cancel(shop.ctx, id), 'cancelling');

  assert.equal((await ended(shop, id)).state, 'cancelled');
});

test('progress never goes back, and its last value is always told', async (t) => {
  const told: JobProgress[] = [];
  const shop = await openShop(t, { onProgress: (_tenant, view) => void told.push(view) });
  const go = Promise.withResolvers<void>();
  shop.jobs.define(add, async (_input, { progress }) => {
    progress(0.5, 'half');
    progress(0.2);
    await go.promise;
    progress(7, 'x'.repeat(300));
    return 0;
  });
  await shop.jobs.start({ queues: { default: 1 } });
  const { id } = await enqueue(shop, add, 1);

  const half = await eventually(async () => {
    const view = await shop.jobs.get(shop.ctx, id);
    assert(view?.fraction === 0.5, 'half is done');
    return view;
  });
  go.resolve();
  await ended(shop, id);

  assert.equal(half.message, 'half');
  await eventually(() => told.at(-1)?.state === 'done');
  assert.deepEqual(
    told.map(({ fraction }) => fraction),
    [null, 0.5, 1],
  );
  assert.equal(told.at(-1)?.message?.length, 200);
});

test('watch gives what changes, and ends with the job', async (t) => {
  const shop = await openShop(t);
  shop.jobs.define(add, async ({ n }) => n);
  const { id } = await enqueue(shop, add, 3);
  const states: string[] = [];

  const watching = (async () => {
    for await (const { state } of shop.jobs.watch(shop.ctx, id)) states.push(state);
  })();
  await eventually(() => states.length === 1);
  await shop.jobs.start({ queues: { default: 1 } });
  await watching;

  assert.deepEqual([states[0], states.at(-1)], ['ready', 'done']);
});

test('a job that takes too long is aborted, and its attempt has failed', async (t) => {
  const shop = await openShop(t);
  const contract = { ...add, attempts: 1, timeoutMs: 50 };
  shop.jobs.define(contract, async (_input, { signal }) => {
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason));
    return aborted.promise;
  });
  await shop.jobs.start({ queues: { default: 1 } });

  const { id } = await enqueue(shop, contract, 1);

  const view = await ended(shop, id);
  assert.deepEqual([view.state, view.error?.code], ['dead', 'core.timeout']);
});

test('what tx committed stands, and a checkpoint is there at the next attempt', async (t) => {
  const shop = await openShop(t);
  const contract = { ...add, backoff: { baseMs: 1, maxMs: 1 } };
  const kept: unknown[] = [];
  shop.jobs.define(contract, async (_input, { attempt, checkpoint, tx }) => {
    kept.push(await checkpoint());
    await tx((writing) => shop.jobs.enqueue(writing, { ...add, name: 'test.other' }, { n: 1 }));
    await checkpoint({ after: attempt });
    if (attempt < 3) throw new Error('again');
    return 0;
  });
  await shop.jobs.start({ queues: { default: 1 } });

  const { id } = await enqueue(shop, contract, 1);
  await ended(shop, id);

  assert.deepEqual(kept, [undefined, { after: 1 }, { after: 2 }]);
  const others = await shop.jobs.list(shop.ctx, { name: 'test.other' });
  assert.equal(others.items.length, 3);
});

test('finish ends the job with its effects, or neither', async (t) => {
  const shop = await openShop(t);
  const other = { ...add, name: 'test.other' };
  const contract = { ...add, backoff: { baseMs: 1, maxMs: 1 } };
  shop.jobs.define(contract, async (_input, { attempt, finish }) =>
    finish(async (tx) => {
      await shop.jobs.enqueue(tx, other, { n: attempt });
      if (attempt === 1) throw new Error('after the effect');
      return attempt;
    }),
  );
  await shop.jobs.start({ queues: { default: 1 } });

  const { id } = await enqueue(shop, contract, 1);

  const view = await ended(shop, id);
  assert.deepEqual([view.state, view.result], ['done', 2]);
  const { items } = await shop.jobs.list(shop.ctx, { name: 'test.other' });
  assert.equal(items.length, 1);
});

test('drain lets jobs end, and gives back those that do not with their attempt', async (t) => {
  const shop = await openShop(t);
  const slow = { ...add, name: 'test.slow' };
  const started: string[] = [];
  const go = Promise.withResolvers<void>();
  shop.jobs.define(add, async () => {
    started.push('quick');
    await go.promise;
    return 0;
  });
  shop.jobs.define(slow, async () => {
    started.push('slow');
    return new Promise(() => 'never');
  });
  await shop.jobs.start({ queues: { default: 2 } });
  const quick = await enqueue(shop, add, 1);
  const stuck = await enqueue(shop, slow, 1);
  await eventually(() => started.length === 2);

  const drained = shop.jobs.drain(200);
  go.resolve();
  const report = await drained;

  assert.deepEqual(report, { finished: 1, returned: 1 });
  assert.equal((await shop.jobs.get(shop.ctx, quick.id))?.state, 'done');
  const back = await shop.jobs.get(shop.ctx, stuck.id);
  assert.deepEqual([back?.state, back?.attempt], ['ready', 0]);
});

test('a name that this process does not know is left to others', async (t) => {
  const shop = await openShop(t);
  shop.jobs.define(add, async () => 0);
  await shop.jobs.start({ queues: { default: 1 } });
  const unknown = await enqueue(shop, { ...add, name: 'test.next_version' }, 1);

  await ended(shop, (await enqueue(shop, add, 1)).id);

  assert.equal((await shop.jobs.get(shop.ctx, unknown.id))?.state, 'ready');
});

test('jobs that a lost worker had run again elsewhere, and its end does not count', async (t) => {
  const shop = await openShop(t, { heartbeatMs: 200 });
  const silent = await openShop(t, { database: shop.database, heartbeatMs: 3_600_000 });
  const go = Promise.withResolvers<void>();
  const took: string[] = [];
  silent.jobs.define(add, async () => {
    took.push('silent');
    await go.promise;
    return 1;
  });
  await silent.jobs.start({ queues: { default: 1 } });
  const { id } = await enqueue(shop, add, 1);
  await eventually(() => took.length === 1);

  shop.jobs.define(add, async () => {
    took.push('other');
    return 2;
  });
  await shop.jobs.start({ queues: { default: 1 } });
  const view = await ended(shop, id);
  go.resolve();

  assert.deepEqual(took, ['silent', 'other']);
  assert.deepEqual([view.result, view.attempt], [2, 2]);
  await silent.jobs.drain(1_000);
  assert.equal((await shop.jobs.get(shop.ctx, id))?.result, 2);
});

test('a paused queue is not claimed from until it is resumed', async (t) => {
  const shop = await openShop(t);
  shop.jobs.define(add, async () => 0);
  shop.jobs.define({ ...add, name: 'test.reports', queue: 'reports' }, async () => 0);
  await shop.jobs.admin.pause('default', shop.ctx.actor, 'maintenance');
  await shop.jobs.start({ queues: { default: 1, reports: 1 } });
  const held = await enqueue(shop, add, 1);
  await ended(
    shop,
    (await enqueue(shop, { ...add, name: 'test.reports', queue: 'reports' }, 1)).id,
  );
  assert.equal((await shop.jobs.get(shop.ctx, held.id))?.state, 'ready');

  await shop.jobs.admin.resume('default', shop.ctx.actor);

  assert.equal((await ended(shop, held.id)).state, 'done');
});

test('the rows of jobs that have ended go after their time', async (t) => {
  const shop = await openShop(t);
  const contract = { ...add, keepDoneMs: 0 };
  shop.jobs.define(contract, async () => 0);
  const { id } = await enqueue(shop, contract, 1);
  await shop.jobs.start({ queues: { default: 1 } });
  await ended(shop, id);
  await shop.jobs.drain();
  const count = sql({}, { count: types.int8n })`select count(*) as count from plinth.job_done`;

  await shop.jobs.start({ queues: { default: 1 } });

  await eventually(async () => (await shop.database.one(shop.ctx, count, {})).count === 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sql, t as types } from '@plinth/postgres';
import { eventually, testCtx } from '@plinth/testing';

import { createJobs } from './create-jobs.ts';
import { jobRef, type Schedule } from './jobs.ts';
import { add, newId, openShop, type Shop } from './jobs-fixture.ts';
import { systemClock } from '@plinth/core';
import { writeAsWorker } from './system-context.ts';

const everySecond: Schedule = {
  name: 'test.tick',
  cron: '* * * * * *',
  zone: 'UTC',
  job: jobRef(add, { n: 1 }),
  missed: 'skip',
  overlap: 'queue',
};

const runs = async ({ jobs }: Shop) => (await jobs.list(testCtx(), { limit: 200 })).items;

/** As if no process had run since then. */
async function sleepThrough({ database }: Shop, seconds: number): Promise<void> {
  const move = sql({ ago: types.interval }, {})`
    update plinth.job_schedule set next_fire = date_trunc('second', now()) - ${'ago'}::interval`;
  await writeAsWorker(database, (tx) => tx.run(move, { ago: `${seconds} seconds` }));
}

test('a schedule fires by its times, once each, whoever is awake', async (t) => {
  const shop = await openShop(t);
  const other = createJobs({ database: shop.database, clock: systemClock, newId });
  t.after(() => other.drain(0));
  for (const jobs of [shop.jobs, other]) {
    jobs.schedule(everySecond);
    await jobs.start({ queues: {} });
  }

  const made = await eventually(async () => {
    const items = await runs(shop);
    assert(items.length >= 3, 'three were made');
    return items;
  });

  const seconds = made.map(({ createdAt }) => createdAt.slice(0, 19));
  assert.equal(new Set(seconds).size, made.length);
});

for (const { missed, expected } of [
  { missed: 'skip', expected: 0 },
  { missed: 'once', expected: 1 },
  { missed: 'all', expected: 4 },
] as const) {
  test(`after an outage that missed four times, ${missed} makes up for ${expected}`, async (t) => {
    const shop = await openShop(t);
    const hourly = { ...everySecond, cron: '0 * * * *', missed };
    shop.jobs.schedule(hourly);
    await shop.jobs.start({ queues: {} });
    await shop.jobs.drain();
    const now = systemClock.now();
    const sinceHour = (now % 3_600_000) / 1_000;
    await sleepThrough(shop, Math.floor(3 * 3_600 + sinceHour));

    const again = createJobs({ database: shop.database, clock: systemClock, newId });
    t.after(() => again.drain(0));
    again.schedule(hourly);
    await again.start({ queues: {} });

    const isDue = sql({}, { due: types.bool })`
      select next_fire <= now() as due from plinth.job_schedule`;
    await eventually(async () => {
      const { due } = await writeAsWorker(shop.database, (tx) => tx.one(isDue, {}));
      return !due;
    });
    assert.equal((await runs(shop)).length, expected);
  });
}

test('overlap skip makes none while one is under way', async (t) => {
  const shop = await openShop(t);
  shop.jobs.schedule({ ...everySecond, overlap: 'skip' });
  await shop.jobs.start({ queues: {} });
  const moved = sql({}, { fires: types.nullable(types.instant) })`
    select last_fire as fires from plinth.job_schedule`;
  const times = new Set<string>();

  await eventually(async () => {
    const { fires } = await writeAsWorker(shop.database, (tx) => tx.one(moved, {}));
    if (fires !== null) times.add(fires);
    return times.size >= 3;
  });

  assert.equal((await runs(shop)).length, 1);
});

test('a changed pattern begins anew, an unchanged one goes on', async (t) => {
  const shop = await openShop(t);
  const nextFire = sql({}, { next: types.instant })`
    select next_fire as next from plinth.job_schedule`;
  const registered = async (cron: string) => {
    const jobs = createJobs({ database: shop.database, clock: systemClock, newId });
    jobs.schedule({ ...everySecond, cron });
    await jobs.start({ queues: {} });
    await jobs.drain();
    return (await writeAsWorker(shop.database, (tx) => tx.one(nextFire, {}))).next;
  };

  const daily = await registered('0 3 1 1 *');
  const same = await registered('0 3 1 1 *');
  const changed = await registered('0 4 1 1 *');

  assert.equal(same, daily);
  assert.equal(Date.parse(changed) - Date.parse(daily), 3_600_000);
});

test('runNow makes the schedule’s job at once', async (t) => {
  const shop = await openShop(t);
  shop.jobs.schedule({ ...everySecond, cron: '0 3 1 1 *' });

  const id = await shop.jobs.runNow('test.tick', shop.ctx.actor);

  assert.equal((await shop.jobs.get(testCtx(), id))?.state, 'ready');
  await assert.rejects(shop.jobs.runNow('test.none', shop.ctx.actor), { code: 'jobs.not_found' });
});

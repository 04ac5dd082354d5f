import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createIds, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase, sql, t as types } from '@plinth/postgres';
import { cloneDatabase, eventually, startProcess, testCtx, type Proc } from '@plinth/testing';

import { createJobs } from './create-jobs.ts';
import { migrations } from './migrations.ts';

const jobCount = 500;
const workerCount = 2;
const kills = 6;
const fixture = { module: 'counts', folder: new URL('../fixtures/', import.meta.url) };

/** Counts in `finish`, and in `tx` apart from the job's end: what the latter does may be done again. */
const worker = `
import { createIds, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase, sql, t } from '@plinth/postgres';
import { createJobs } from ${JSON.stringify(import.meta.resolve('./create-jobs.ts'))};
const database = createDatabase({ url: process.env.DATABASE_URL, clock: systemClock });
const jobs = createJobs({ database, clock: systemClock, newId: createIds(systemClock), heartbeatMs: 400, pollMs: 20 });
const inFinish = sql({ n: t.int4 }, {})\`insert into counts.in_finish (n) values (\${'n'})\`;
const apart = sql({ n: t.int4 }, {})\`insert into counts.apart (n) values (\${'n'})\`;
const input = z.object({ n: z.int() });
jobs.define({ name: 'test.finish', input, attempts: 100 }, ({ n }, x) => x.finish((tx) => tx.run(inFinish, { n })));
jobs.define({ name: 'test.apart', input, attempts: 100 }, ({ n }, x) => x.tx((tx) => tx.run(apart, { n })));
await jobs.start({ queues: { default: 8 } });
console.log('ready');
`;

test('workers that are killed and stopped at random leave each effect once, and none out', async (t) => {
  const urls = await cloneDatabase(t, { migrations: [migrations, fixture] });
  const database = createDatabase({ url: urls.url });
  t.after(() => database.drain(0));
  const ctx = testCtx({ tenant: createIds(systemClock)(), withinMs: 600_000 });
  const jobs = createJobs({ database, clock: systemClock, newId: createIds(systemClock) });
  const inputs = Array.from({ length: jobCount }, (_, n) => ({ n }));
  for (const name of ['test.finish', 'test.apart']) {
    const contract = { name, input: z.object({ n: z.int() }), attempts: 100 };
    await database.write(ctx, (tx) => jobs.enqueueMany(tx, contract, inputs));
  }
  const start = () =>
    startProcess(t, [process.execPath, '--input-type=module-typescript', '--eval', worker], {
      cwd: import.meta.dirname,
      env: { DATABASE_URL: urls.url },
      ready: /ready/u,
    });
  const left = sql({}, { count: types.int8n })`select count(*) as count from plinth.job`;
  const leftNow = async () => (await database.one(ctx, left, {})).count;

  const workers: Proc[] = [];
  for (let i = 0; i < workerCount; i += 1) workers.push(await start());
  for (let kill = 0; kill < kills; kill += 1) {
    const before = await leftNow();
    await eventually(async () => (await leftNow()) <= Math.max(0, before - 20), {
      withinMs: 60_000,
    });
    const victim = workers.shift();
    victim?.kill('SIGKILL');
    workers.push(await start());
  }
  // One is stopped while it runs jobs, taken for dead, and comes back.
  workers[0]?.stop();
  await eventually(async () => (await leftNow()) === 0, { withinMs: 180_000 });
  workers[0]?.cont();
  // Those that two killed workers in a row had just begun were given up as suspects: an operator has them run.
  const suspects = sql({}, { id: types.uuid, code: types.text })`
    select id, error->>'code' as code from plinth.job_done where outcome = 'dead'`;
  const dead = await database.many(ctx, suspects, {});
  assert(dead.every(({ code }) => code === 'jobs.suspect_crash'));
  await jobs.retry(
    ctx,
    dead.map(({ id }) => id),
  );
  await eventually(async () => (await leftNow()) === 0, { withinMs: 180_000 });

  const counts = sql({}, { finished: types.int8n, once: types.int8n, apart: types.int8n })`
    select (select count(*) from counts.in_finish) as finished,
      (select count(distinct n) from counts.in_finish) as once,
      (select count(distinct n) from counts.apart) as apart`;
  const { finished, once, apart } = await database.one(ctx, counts, {});
  assert.deepEqual([finished, once, apart], [jobCount, jobCount, jobCount]);
});

/** Its one job ends the process, as one does that takes all memory. */
const crashing = `
import { createIds, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase } from '@plinth/postgres';
import { createJobs } from ${JSON.stringify(import.meta.resolve('./create-jobs.ts'))};
const database = createDatabase({ url: process.env.DATABASE_URL, clock: systemClock });
const jobs = createJobs({ database, clock: systemClock, newId: createIds(systemClock), heartbeatMs: 400, pollMs: 20 });
jobs.define({ name: 'test.crash', input: z.object({ n: z.int() }) }, async () => process.kill(process.pid, 'SIGKILL'));
await jobs.start({ queues: { default: 1 } });
console.log('ready');
`;

test('a job that ends its process twice is given up, and tells why', async (t) => {
  const urls = await cloneDatabase(t, { migrations: [migrations] });
  const database = createDatabase({ url: urls.url });
  t.after(() => database.drain(0));
  const ctx = testCtx({ tenant: createIds(systemClock)(), withinMs: 120_000 });
  const jobs = createJobs({ database, clock: systemClock, newId: createIds(systemClock) });
  const contract = { name: 'test.crash', input: z.object({ n: z.int() }) };
  const { id } = await database.write(ctx, (tx) => jobs.enqueue(tx, contract, { n: 1 }));

  const argv = [process.execPath, '--input-type=module-typescript', '--eval', crashing];
  const options = { cwd: import.meta.dirname, env: { DATABASE_URL: urls.url } };
  const hasEnded = async () => (await jobs.get(ctx, id))?.finishedAt !== null;
  // The third one finds the job that two died of, and lives.
  for (let starts = 0; starts < 3; starts += 1) {
    const crashed = await startProcess(t, argv, options);
    await Promise.race([crashed.exit, eventually(hasEnded, { withinMs: 60_000 })]);
    crashed.kill('SIGKILL');
  }

  const view = await jobs.get(ctx, id);
  assert.deepEqual(
    [view?.state, view?.attempt, view?.error?.code],
    ['dead', 2, 'jobs.suspect_crash'],
  );
});

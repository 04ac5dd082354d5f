import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createIds, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase, sql, t as types } from '@plinth/postgres';
import { cloneDatabase, eventually, startProcess, testCtx } from '@plinth/testing';

import { createJobs } from './create-jobs.ts';
import { migrations } from './migrations.ts';

const fixture = { module: 'counts', folder: new URL('../fixtures/', import.meta.url) };

/** Takes the job and waits at the gate; behind it, tries every way to have an effect, and says how each ended. */
const worker = `
import { existsSync } from 'node:fs';
import { createIds, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase, sql, t } from '@plinth/postgres';
import { eventually } from '@plinth/testing';
import { createJobs } from ${JSON.stringify(import.meta.resolve('./create-jobs.ts'))};
const database = createDatabase({ url: process.env.DATABASE_URL, clock: systemClock });
const jobs = createJobs({ database, clock: systemClock, newId: createIds(systemClock), heartbeatMs: 400, pollMs: 20 });
const apart = sql({ n: t.int4 }, {})\`insert into counts.apart (n) values (\${'n'})\`;
const inFinish = sql({ n: t.int4 }, {})\`insert into counts.in_finish (n) values (\${'n'})\`;
const end = (work) => work.then(() => 'done', ({ code }) => code);
jobs.define({ name: 'test.stopped', input: z.object({ n: z.int() }) }, async ({ n }, x) => {
  console.log('took');
  await eventually(() => existsSync(process.env.GATE), { withinMs: 240_000 });
  const ends = [
    await end(x.tx((tx) => tx.run(apart, { n }))),
    await end(x.checkpoint({ n })),
    await end(x.finish((tx) => tx.run(inFinish, { n }))),
  ];
  console.log('ends', ...ends);
});
await jobs.start({ queues: { default: 1 } });
console.log('started');
`;

test('a worker that is stopped beyond its lease and continued has no effect beside that of its successor', async (t) => {
  const urls = await cloneDatabase(t, { migrations: [migrations, fixture] });
  const database = createDatabase({ url: urls.url });
  t.after(() => database.drain(0));
  const folder = await mkdtemp(join(tmpdir(), 'stopped-'));
  t.after(() => rm(folder, { recursive: true }));
  const gate = join(folder, 'gate');
  const ctx = testCtx({ tenant: createIds(systemClock)(), withinMs: 300_000 });
  const jobs = createJobs({ database, clock: systemClock, newId: createIds(systemClock) });
  const contract = { name: 'test.stopped', input: z.object({ n: z.int() }) };
  const { id } = await database.write(ctx, (tx) => jobs.enqueue(tx, contract, { n: 1 }));
  const start = (ready: RegExp, through: string) =>
    startProcess(t, [process.execPath, '--input-type=module-typescript', '--eval', worker], {
      cwd: import.meta.dirname,
      env: { DATABASE_URL: urls.url, GATE: through },
      ready,
      withinMs: 60_000,
    });
  const stopped = await start(/took/u, gate);
  stopped.stop();

  const successor = await start(/started/u, import.meta.filename);
  await successor.waitFor(/ends done done done/u, 90_000);
  await eventually(async () => (await jobs.get(ctx, id))?.state === 'done', { withinMs: 60_000 });
  await writeFile(gate, '');
  stopped.cont();
  await stopped.waitFor(/ends jobs\.fenced jobs\.fenced jobs\.fenced/u, 90_000);

  const counts = sql({}, { apart: types.int8n, finished: types.int8n })`
    select (select count(*) from counts.apart) as apart,
      (select count(*) from counts.in_finish) as finished`;
  assert.deepEqual(await database.one(ctx, counts, {}), { apart: 1, finished: 1 });
  assert.equal((await jobs.get(ctx, id))?.attempt, 2);
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { eventually, openDatabase, testCtx } from '@plinth/testing';

import { t as codec } from './codecs.ts';
import { notes, otherTenant, sleepFor, tenant, titles } from './notes-fixture.ts';
import { sql } from './sql.ts';

const migrations = [notes];

test('an aborted caller ends its statement at the server', async (t) => {
  const database = await openDatabase(t, { migrations });
  const abort = new AbortController();
  const running = database.many(testCtx({ tenant, signal: abort.signal }), sleepFor, {
    seconds: 60,
  });
  await eventually(() => database.stats()[0]?.used === 1);

  abort.abort();

  await assert.rejects(running, { code: 'postgres.cancelled', status: 499 });
  await eventually(() => database.stats()[0]?.used === 0);
});

test('a statement past its own bound is ended', async (t) => {
  const database = await openDatabase(t, { migrations });
  const bounded = sql({}, {}, { timeoutMs: 50 })`select from pg_sleep(60)`;
  const ctx = testCtx({ tenant });

  await assert.rejects(database.many(ctx, bounded, {}), { code: 'postgres.timeout' });
  await assert.rejects(
    database.read(ctx, (reader) => reader.many(bounded, {})),
    { code: 'postgres.timeout' },
  );
});

test('stream gives all rows in chunks and frees its connection when its reader stops early', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const series = sql({ n: codec.int4 }, { i: codec.int4 })`
    select i from generate_series(1, ${'n'}::int) i`;
  const sizes: number[] = [];

  for await (const rows of database.stream(ctx, series, { n: 2_500 })) sizes.push(rows.length);
  for await (const rows of database.stream(ctx, series, { n: 2_500 }, { chunk: 10 })) {
    assert.equal(rows.length, 10);
    break;
  }

  assert.deepEqual(sizes, [1_000, 1_000, 500]);
  assert.equal(database.stats()[0]?.used, 0);
});

test('copyIn writes into a table of tenants, and row security checks each row', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const target = {
    table: 'notes.note',
    columns: ['tenant_id', 'id', 'title'],
    toFields: (row: { tenant: string; title: string }) => [row.tenant, randomUUID(), row.title],
  };
  const rows = Array.from({ length: 3_000 }, (_, at) => ({ tenant, title: `a\t\\b\n${at}` }));

  const copied = await database.copyIn(ctx, target, rows);
  const foreign = database.copyIn(ctx, target, [{ tenant: otherTenant, title: 'x' }]);

  assert.equal(copied.rows, 3_000);
  await assert.rejects(foreign, { code: 'postgres.forbidden' });
  assert.equal((await database.many(ctx, titles, {}))[0]?.title, 'a\t\\b\n0');
});

test('notify wakes who listens, once for many calls', async (t) => {
  const database = await openDatabase(t, { migrations });
  let count = 0;
  const stop = await database.listen('wake', () => (count += 1));

  for (let call = 0; call < 10; call += 1) database.notify('wake');

  await eventually(() => count === 1);
  await stop();
});

test('callers past the queue are refused at once', async (t) => {
  const database = await openDatabase(t, { migrations, poolMax: 1, acquireMs: 60_000 });
  const abort = new AbortController();
  const ctx = testCtx({ tenant, signal: abort.signal });
  const waiting = Array.from({ length: 11 }, () => database.many(ctx, sleepFor, { seconds: 60 }));
  const all = Promise.allSettled(waiting);
  await eventually(() => database.stats()[0]?.waiting === 10);

  await assert.rejects(database.many(testCtx({ tenant }), titles, {}), {
    code: 'postgres.unavailable',
    status: 503,
  });

  abort.abort();
  await all;
});

test('drain waits for what runs and takes nothing new', async (t) => {
  const database = await openDatabase(t, { migrations });
  const running = database.many(testCtx({ tenant }), sleepFor, { seconds: 0.2 });
  await eventually(() => database.stats()[0]?.used === 1);

  const draining = database.drain();
  await assert.rejects(database.many(testCtx({ tenant }), titles, {}), {
    code: 'postgres.draining',
  });

  assert.deepEqual(await draining, { finished: 1, cancelled: 0 });
  assert.deepEqual(await running, [{}]);
});

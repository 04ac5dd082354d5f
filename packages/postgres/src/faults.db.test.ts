import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { Problem } from '@plinth/core';
import { cloneDatabase, eventually, faultProxy, testCtx } from '@plinth/testing';

import { t as codec } from './codecs.ts';
import { createDatabase } from './create-database.ts';
import { insertNote, notes, noteTitle, tenant, titles } from './notes-fixture.ts';
import { sql } from './sql.ts';

const migrations = [notes];

function through(url: string, port: number): string {
  const parsed = new URL(url);
  parsed.port = String(port);
  return parsed.href;
}

test('a transaction cut off at any byte is told truly: there, not there, or unknown', async (t) => {
  const { url } = await cloneDatabase(t, { migrations });
  const proxy = await faultProxy(t, { port: Number(new URL(url).port) });
  const direct = createDatabase({ url });
  const database = createDatabase({ url: through(url, proxy.port), poolMax: 2 });
  const ctx = testCtx({ tenant });
  await database.many(ctx, titles, {});
  let unknownCount = 0;

  for (let bytes = 1; bytes < 900; bytes += 13) {
    const id = randomUUID();
    proxy.cutAfter(bytes);
    const failure = await database
      .write(ctx, (tx) => tx.run(insertNote, { tenant, id, title: id }))
      .then(
        () => undefined,
        (error: unknown) => Problem.from(error),
      );
    proxy.heal();
    const row = await direct.maybe(ctx, noteTitle, { id });
    if (failure?.code === 'postgres.commit_unknown') unknownCount += 1;
    else assert.equal(row?.title, failure === undefined ? id : undefined, failure?.code);
  }

  assert(unknownCount < 20, `${unknownCount} of 70 could not be resolved`);
  await Promise.all([database.drain(0), direct.drain(0)]);
});

test('an idle connection that the server closes is no failure', async (t) => {
  const { url, adminUrl } = await cloneDatabase(t, { migrations });
  const database = createDatabase({ url, poolMax: 1 });
  const admin = createDatabase({ url: adminUrl });
  const ctx = testCtx({ tenant });
  await database.many(ctx, titles, {});

  const terminate = sql({}, { ended: codec.bool })`
    select pg_terminate_backend(pid) as ended from pg_stat_activity
    where usename = 'plinth_app' and datname = current_database()`;
  await admin.many(testCtx(), terminate, {});

  assert.deepEqual(await database.many(ctx, titles, {}), []);
  await Promise.all([database.drain(0), admin.drain(0)]);
});

test('a prepared statement whose column changed its type is replayed', async (t) => {
  const { url, adminUrl } = await cloneDatabase(t, { migrations });
  const database = createDatabase({ url, poolMax: 1 });
  const admin = createDatabase({ url: adminUrl });
  const change = sql({}, {})`alter table notes.counter alter column n type numeric`;
  const counters = sql({}, { n: codec.numeric })`select n from notes.counter`;
  const ctx = testCtx({ tenant });
  await database.many(ctx, counters, {});

  await admin.run(testCtx(), change, {});

  assert.deepEqual(await database.many(ctx, counters, {}), []);
  assert.deepEqual(await database.read(ctx, (reader) => reader.many(counters, {})), []);
  await Promise.all([database.drain(0), admin.drain(0)]);
});

test('listen comes back after its connection was lost, and says so', async (t) => {
  const { url } = await cloneDatabase(t);
  const proxy = await faultProxy(t, { port: Number(new URL(url).port) });
  const database = createDatabase({ url: through(url, proxy.port) });
  let messages = 0;
  let reconnects = 0;
  const onMessage = () => (messages += 1);
  await database.listen('wake', onMessage, () => (reconnects += 1));

  proxy.cut('reset');
  proxy.heal();
  await eventually(() => reconnects === 1);
  database.notify('wake');

  await eventually(() => messages === 1);
  await database.drain(0);
});

test('a database that is not there is unavailable within the caller’s deadline', async () => {
  const database = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });

  await assert.rejects(database.many(testCtx({ withinMs: 200 }), titles, {}), {
    code: 'postgres.unavailable',
    retryAfterMs: 1_000,
  });
  await database.drain(0);
});

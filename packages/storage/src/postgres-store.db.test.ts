import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { createIds, systemClock } from '@plinth/core';
import { sql, t as types, type Database } from '@plinth/postgres';
import { openDatabase, testCtx } from '@plinth/testing';

import { migrations } from './migrations.ts';
import { createPostgresStore } from './postgres-store.ts';
import { testBlobStore } from './storage-conformance.ts';

const newId = createIds(systemClock);
const open = (t: TestContext) => openDatabase(t, { migrations: [migrations] });

testBlobStore('the postgres store', async (t, clock) =>
  createPostgresStore({ database: await open(t), clock, newId }),
);

const counts = sql({}, { blobs: types.int8n, chunks: types.int8n, uploads: types.int8n })`
  select (select count(*) from plinth.blob) as blobs,
    (select count(*) from plinth.blob_chunk) as chunks,
    (select count(*) from plinth.blob_upload) as uploads`;

const rowsOf = (database: Database, tenant: string) =>
  database.one(testCtx({ tenant }), counts, {});

test('the postgres store leaves no row of a put that failed', async (t) => {
  const database = await open(t);
  const store = createPostgresStore({ database, clock: systemClock, newId });
  const tenant = newId();
  const content = randomBytes(3_000_000);

  const put = store.put(`${tenant}/a`, content, { tenant, type: 'x/y', bytesMax: 2_999_999 });

  await assert.rejects(put, { code: 'storage.too_large' });
  assert.deepEqual(await rowsOf(database, tenant), { blobs: 0, chunks: 0, uploads: 0 });
});

test('puts of one key at once leave the chunks of one of them', async (t) => {
  const database = await open(t);
  const store = createPostgresStore({ database, clock: systemClock, newId });
  const tenant = newId();
  const options = { tenant, type: 'x/y', bytesMax: 3_000_000 };

  await Promise.all(
    Array.from({ length: 8 }, () => store.put(`${tenant}/a`, randomBytes(1_500_000), options)),
  );

  assert.deepEqual(await rowsOf(database, tenant), { blobs: 1, chunks: 2, uploads: 0 });
  await store.remove(`${tenant}/a`);
  assert.deepEqual(await rowsOf(database, tenant), { blobs: 0, chunks: 0, uploads: 0 });
});

test('the sweep takes what unfinished puts of dead processes left, and no other', async (t) => {
  const database = await open(t);
  const store = createPostgresStore({ database, clock: systemClock, newId });
  const tenant = newId();
  const ctx = testCtx({ tenant });
  const insertUpload = sql({ content: types.uuid, tenant: types.text, age: types.interval }, {})`
    insert into plinth.blob_upload (content, tenant, written_at)
    values (${'content'}, ${'tenant'}, now() - ${'age'}::interval)`;
  const insertChunk = sql({ content: types.uuid, tenant: types.text }, {})`
    insert into plinth.blob_chunk (content, tenant, number, data)
    values (${'content'}, ${'tenant'}, 0, 'x')`;
  for (const age of ['59 minutes', '61 minutes']) {
    const content = newId();
    await database.run(ctx, insertUpload, { content, tenant, age });
    await database.run(ctx, insertChunk, { content, tenant });
  }

  const swept = await store.sweep();

  assert.equal(swept, 1);
  assert.deepEqual(await rowsOf(database, tenant), { blobs: 0, chunks: 1, uploads: 1 });
});

test('another tenant, or none, sees no row of a blob', async (t) => {
  const database = await open(t);
  const store = createPostgresStore({ database, clock: systemClock, newId });
  const tenant = newId();
  await store.put(`${tenant}/a`, Buffer.from('x'), { tenant, type: 'x/y', bytesMax: 9 });

  const nothing = { blobs: 0, chunks: 0, uploads: 0 };
  assert.deepEqual(await rowsOf(database, newId()), nothing);
  assert.deepEqual(await rowsOf(database, 'none'), nothing);
  assert.deepEqual(await rowsOf(database, tenant), { blobs: 1, chunks: 1, uploads: 0 });
});

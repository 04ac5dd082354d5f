import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDatabase, sql, t as codec } from '@plinth/postgres';

import { cloneDatabase, openDatabase, testCtx } from './index.ts';

const role = sql({}, { role: codec.text, database: codec.text })`
  select current_user::text as role, current_database()::text as database`;

test('openDatabase connects as the role that row security binds', async (t) => {
  const database = await openDatabase(t);

  const row = await database.one(testCtx(), role, {});

  assert.equal(row.role, 'plinth_app');
});

test('cloneDatabase gives each test a database that no other sees', async (t) => {
  const [one, other] = await Promise.all([cloneDatabase(t), cloneDatabase(t)]);
  const first = createDatabase({ url: one.adminUrl });
  const second = createDatabase({ url: other.adminUrl });

  const create = sql({}, {})`create table public.mark (n int)`;
  await first.run(testCtx(), create, {});

  const count = sql({}, { n: codec.int8n })`
    select count(*) as n from pg_class where relname = 'mark'`;
  assert.equal((await first.one(testCtx(), count, {})).n, 1);
  assert.equal((await second.one(testCtx(), count, {})).n, 0);
  await Promise.all([first.drain(), second.drain()]);
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { cloneDatabase, eventually, testCtx } from '@plinth/testing';

import { t as codec } from '../codecs.ts';
import { createDatabase } from '../create-database.ts';
import { notes, tenant } from '../notes-fixture.ts';
import { sql } from '../sql.ts';
import { folderOf, openClient } from './migrate-fixture.ts';
import { migrate } from './migrate.ts';
import { splitSql } from './split-sql.ts';

test('migrate applies each file once, however many start together', async (t) => {
  const { adminUrl } = await cloneDatabase(t);

  const applied = await Promise.all([1, 2, 3].map(() => migrate(adminUrl, [notes])));

  assert.deepEqual(applied.flat(), ['notes/0001_notes.sql', 'notes/0002_index.sql']);
});

test('what migrate makes belongs to plinth_owner, also when the superuser runs it', async (t) => {
  const { adminUrl } = await cloneDatabase(t, { migrations: [notes] });
  const client = await openClient(t, adminUrl);

  const { rows } = await client.query(
    `select distinct tableowner::text as owner from pg_tables where schemaname in ('notes', 'plinth')`,
  );

  assert.deepEqual(rows, [{ owner: 'plinth_owner' }]);
});

test('the owner may migrate by itself', async (t) => {
  const { adminUrl, ownerUrl } = await cloneDatabase(t);
  await migrate(adminUrl, []);

  const applied = await migrate(ownerUrl, [notes]);

  assert.equal(applied.length, 2);
});

test('a changed file, a gap and an older file are refused before anything is applied', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const one = { '0001_one.sql': 'create schema shop;' };
  const two = { ...one, '0002_two.sql': 'create table shop.two (n int);' };
  await migrate(adminUrl, [await folderOf(t, one)]);

  const changed = await folderOf(t, { '0001_one.sql': 'create schema shop; -- changed' });
  const gap = await folderOf(t, { ...one, '0003_three.sql': 'create table shop.three (n int);' });
  await assert.rejects(migrate(adminUrl, [changed]), { code: 'postgres.migration_changed' });
  await assert.rejects(migrate(adminUrl, [gap]), { code: 'postgres.migration_gap' });

  await migrate(adminUrl, [await folderOf(t, two)]);
  const client = await openClient(t, adminUrl);
  await client.query(`delete from plinth.migration where module = 'shop' and id = 1`);
  await assert.rejects(migrate(adminUrl, [await folderOf(t, two)]), {
    code: 'postgres.migration_order',
  });
});

test('a file that fails leaves nothing of itself and names what the server said', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const failing = await folderOf(t, { '0001_one.sql': 'create schema shop; select 1/0;' });

  await assert.rejects(migrate(adminUrl, [failing]), {
    code: 'postgres.migration_failed',
    context: { migration: 'shop/0001_one.sql', sqlstate: '22012' },
  });

  const client = await openClient(t, adminUrl);
  const { rowCount } = await client.query(`select from pg_namespace where nspname = 'shop'`);
  assert.equal(rowCount, 0);
});

test('a busy table is tried again and again, with others let through between', async (t) => {
  const { adminUrl } = await cloneDatabase(t, { migrations: [notes] });
  const holder = await openClient(t, adminUrl);
  await holder.query('begin');
  await holder.query('lock table notes.note in access share mode');
  const change = await folderOf(t, { '0001_drop.sql': 'alter table notes.note add note text;' });

  const migrating = migrate(adminUrl, [change]);
  const watcher = await openClient(t, adminUrl);
  const waiting = `select from pg_locks where not granted and mode = 'AccessExclusiveLock'`;
  await eventually(async () => (await watcher.query(waiting)).rowCount === 1);
  await eventually(async () => (await watcher.query(waiting)).rowCount === 0);
  await holder.query('commit');

  assert.deepEqual(await migrating, ['shop/0001_drop.sql']);
});

test('an index that an interrupted build left invalid is built anew', async (t) => {
  const { adminUrl } = await cloneDatabase(t, { migrations: [notes] });
  const client = await openClient(t, adminUrl);
  await client.query(
    `insert into notes.note (tenant_id, id, title) select $1, gen_random_uuid(), n::text from generate_series(1, 2) n`,
    [tenant],
  );
  const build = 'create unique index concurrently note_price on notes.note (price);';
  await assert.rejects(client.query(build));
  await client.query('update notes.note set price = title::bigint');
  const again = await folderOf(t, { '0001_index.sql': `-- transaction: off\n${build}` });

  await migrate(adminUrl, [again]);

  const { rows } = await client.query(
    `select indisvalid as valid from pg_index where indexrelid = 'notes.note_price'::regclass`,
  );
  assert.deepEqual(rows, [{ valid: true }]);
});

test('a role that may not create roles gets the SQL for one who may', async (t) => {
  const { adminUrl, url } = await cloneDatabase(t);
  const client = await openClient(t, adminUrl);
  const { rows } = await client.query<{ may: boolean }>(
    `select rolcreaterole as may from pg_roles where rolname = 'plinth_app'`,
  );
  assert.deepEqual(rows, [{ may: false }]);

  await assert.rejects(migrate(url, [notes]), { code: 'postgres.roles_missing' });
});

test('the loader inserts past row security and reads nothing', async (t) => {
  const { loaderUrl } = await cloneDatabase(t, { migrations: [notes] });
  const loader = createDatabase({ url: loaderUrl });
  const rows = sql({}, { title: codec.text })`select title from notes.note`;
  const target = {
    table: 'notes.note',
    columns: ['tenant_id', 'id', 'title'],
    toFields: (one: string) => [one, randomUUID(), 'seeded'],
  };

  const copied = await loader.copyIn(testCtx(), target, [tenant, randomUUID()]);

  assert.equal(copied.rows, 2);
  await assert.rejects(loader.many(testCtx(), rows, {}), { code: 'postgres.no_privilege' });
  await loader.drain(0);
});

test('splitSql keeps quotes, dollar quotes and comments whole', () => {
  const text = `-- one; two
    create index a on b (c); /* ; */
    do $x$ begin perform ';'; end $x$;
    insert into t values ('it''s; fine', $$;$$);
    -- the end`;

  assert.deepEqual(
    splitSql(text).map((one) => one.split('\n').at(-1)?.trim()),
    [
      'create index a on b (c)',
      `do $x$ begin perform ';'; end $x$`,
      `insert into t values ('it''s; fine', $$;$$)`,
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cloneDatabase } from '@plinth/testing';

import { dryRun } from './dry-run.ts';
import type { Migrations } from './files.ts';
import { backfill, fill, folderOf, openClient, shop } from './migrate-fixture.ts';
import { migrate } from './migrate.ts';
import { readMigrationStatus } from './status.ts';

async function statusOfShop(adminUrl: string, files: Migrations) {
  const all = await readMigrationStatus(adminUrl, [files]);
  return all
    .filter(({ name }) => name.startsWith('shop/'))
    .map(({ name, state }) => [name, state] as const);
}

test('a backfill goes over the rows of every tenant in batches, each once, and leaves row security as it was', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  await migrate(adminUrl, [await folderOf(t, { '0001_shop.sql': shop })]);
  const client = await openClient(t, adminUrl);
  await client.query(fill);

  await migrate(adminUrl, [
    await folderOf(t, { '0001_shop.sql': shop, '0002_price.sql': backfill }),
  ]);

  const { rows } = await client.query(
    `select count(*)::int as rows, min(touched) as least, max(touched) as most,
       bool_and(price_new = price) as filled from shop.item`,
  );
  assert.deepEqual(rows, [{ rows: 40_000, least: 1, most: 1, filled: true }]);
  const policies = await client.query(
    `select polname as name from pg_policy where polrelid = 'shop.item'::regclass`,
  );
  assert.deepEqual(policies.rows, [{ name: 'tenant' }]);
  assert.equal((await client.query('select from plinth.migration_progress')).rowCount, 0);
});

test('a contract is held back when the caller says so, and what stands behind it in its module too', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const files = await folderOf(t, {
    '0001_shop.sql': shop,
    '0002_drop.sql':
      '-- phase: contract\n-- after: 1.0.0\nalter table shop.item drop column price_new;',
    '0003_more.sql': 'alter table shop.item add column more text;',
  });

  const first = await migrate(adminUrl, [files], { contract: 'hold' });
  const states = (await statusOfShop(adminUrl, files)).map(([, state]) => state);
  const second = await migrate(adminUrl, [files]);

  assert.deepEqual(first, ['shop/0001_shop.sql']);
  assert.deepEqual(states, ['applied', 'pending', 'pending']);
  assert.deepEqual(second, ['shop/0002_drop.sql', 'shop/0003_more.sql']);
});

test('the status tells what is applied, pending, changed and of a newer release, also of an empty database', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const client = await openClient(t, adminUrl);
  const both = await folderOf(t, { '0001_shop.sql': shop, '0002_more.sql': 'select 1;' });
  const changed = await folderOf(t, { '0001_shop.sql': `${shop} -- changed` });
  await migrate(adminUrl, [both]);

  assert.deepEqual(await statusOfShop(adminUrl, changed), [
    ['shop/0001_shop.sql', 'changed'],
    ['shop/0002_more.sql', 'newer'],
  ]);
  await client.query('drop schema plinth cascade');
  assert.deepEqual(await statusOfShop(adminUrl, both), [
    ['shop/0001_shop.sql', 'pending'],
    ['shop/0002_more.sql', 'pending'],
  ]);
});

test('a file without a phase, and a backfill without its table, are refused before anything is applied', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const nameless = await folderOf(t, { '0001_shop.sql': '-- phase: later\nselect 1;' });
  const tableless = await folderOf(t, { '0001_shop.sql': '-- phase: backfill\nselect 1;' });

  await assert.rejects(migrate(adminUrl, [nameless]), { code: 'postgres.migration_header' });
  await assert.rejects(migrate(adminUrl, [tableless]), { code: 'postgres.migration_header' });
});

test('a dry run tells what each statement locks, on a copy that is gone afterwards', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  await migrate(adminUrl, [await folderOf(t, { '0001_shop.sql': shop })]);
  const client = await openClient(t, adminUrl);
  await client.query(fill);
  const next = await folderOf(t, {
    '0001_shop.sql': shop,
    '0002_more.sql': 'alter table shop.item add column more text;\ncreate table shop.new (id int);',
    '0003_index.sql':
      '-- phase: expand\n-- transaction: off\ncreate index concurrently if not exists item_price on shop.item (tenant_id, price);',
    '0004_price.sql': backfill,
  });

  const busy = await dryRun(adminUrl, [next]);
  await client.end();
  const idle = await dryRun(adminUrl, [next]);

  assert.deepEqual(
    idle.steps.map(({ migration, locks }) => [migration, locks]),
    [
      ['shop/0002_more.sql', ['shop.item ACCESS EXCLUSIVE']],
      ['shop/0002_more.sql', []],
      ['shop/0003_index.sql', undefined],
      ['shop/0004_price.sql', undefined],
    ],
  );
  assert.deepEqual([busy.withData, busy.steps.length, idle.withData], [false, 4, true]);
  const after = await openClient(t, adminUrl);
  const { rows } = await after.query(
    `select (select count(*)::int from pg_database where datname like 'plinth\\_dry%') as copies,
       (select count(*)::int from plinth.migration where module = 'shop') as applied`,
  );
  assert.deepEqual(rows, [{ copies: 0, applied: 1 }]);
});

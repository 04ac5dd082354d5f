import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { cloneDatabase, eventually, startProcess } from '@plinth/testing';

import { backfill, fill, folderOf, openClient, shop } from './migrate-fixture.ts';
import { migrate } from './migrate.ts';
import type { Migrations } from './files.ts';

const program = fileURLToPath(new URL('migrate.ts', import.meta.url));

/** A runner in a process of its own. */
function startRunner(t: TestContext, adminUrl: string, { module, folder }: Migrations) {
  const script = `import { migrate } from ${JSON.stringify(program)};
    const applied = await migrate(${JSON.stringify(adminUrl)},
      [{ module: ${JSON.stringify(module)}, folder: new URL(${JSON.stringify(folder.href)}) }]);
    console.log('applied', applied.join(' '));`;
  return startProcess(t, [process.execPath, '--input-type=module-typescript', '-e', script]);
}

test('a backfill whose runner is killed goes on where it was: each row is done once', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  await migrate(adminUrl, [await folderOf(t, { '0001_shop.sql': shop })]);
  const client = await openClient(t, adminUrl);
  await client.query(fill);
  // In the middle it comes upon a lock that we have: the runner is killed while it waits.
  await client.query('select pg_advisory_lock(7)');
  const waits = ` and (b.id <> 9 or pg_advisory_xact_lock(7)::text is not null);`;
  const files = await folderOf(t, {
    '0001_shop.sql': shop,
    '0002_price.sql': backfill.replace(/;$/u, waits),
  });
  const watcher = await openClient(t, adminUrl);
  const doneRows = async () =>
    Number((await watcher.query('select rows from plinth.migration_progress')).rows[0]?.rows ?? 0);

  const killed = await startRunner(t, adminUrl, files);
  await eventually(async () => assert((await doneRows()) >= 5_000), { withinMs: 60_000 });
  killed.kill('SIGKILL');
  assert.equal(await killed.exit, 'SIGKILL');
  await client.query('select pg_advisory_unlock(7)');
  const before = await doneRows();
  const second = await startRunner(t, adminUrl, files);

  await second.waitFor(/applied shop\/0002_price\.sql/u, 120_000);
  assert(before > 0 && before < 40_000, String(before));
  const { rows } = await watcher.query(
    `select count(*)::int as rows, min(touched) as least, max(touched) as most from shop.item`,
  );
  assert.deepEqual(rows, [{ rows: 40_000, least: 1, most: 1 }]);
});

const build = (name: string, column: string) =>
  `create index concurrently ${name} on shop.item (tenant_id, ${column});`;

test('a build whose runner is killed is done again, and what it had built before is kept', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  await migrate(adminUrl, [await folderOf(t, { '0001_shop.sql': shop })]);
  const client = await openClient(t, adminUrl);
  await client.query(fill);
  const files = await folderOf(t, {
    '0001_shop.sql': shop,
    '0002_index.sql': `-- phase: expand\n-- transaction: off\n${build('one', 'price')}\n${build('two', 'touched')}`,
  });
  // A concurrent build waits for every transaction that has written: this one, once it comes to the second.
  const holder = await openClient(t, adminUrl);
  const watcher = await openClient(t, adminUrl);
  const isValid = async (name: string) =>
    (
      await watcher.query(
        `select indisvalid as valid from pg_index where indexrelid = to_regclass('shop.${name}')`,
      )
    ).rows[0]?.valid;

  const killed = await startRunner(t, adminUrl, files);
  await eventually(async () => assert.equal(await isValid('one'), true), { withinMs: 60_000 });
  await holder.query('begin');
  await holder.query('update shop.item set price = price where id = 1');
  killed.kill('SIGKILL');
  await killed.exit;
  const first = await watcher.query(`select oid from pg_class where relname = 'one'`);
  await holder.query('rollback');
  const second = await startRunner(t, adminUrl, files);

  await second.waitFor(/applied (?:shop\/0002_index\.sql)?/u, 120_000);
  assert.deepEqual([await isValid('one'), await isValid('two')], [true, true]);
  const kept = await watcher.query(`select oid from pg_class where relname = 'one'`);
  assert.deepEqual(kept.rows, first.rows);
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { cloneDatabase } from '@plinth/testing';
import { Client } from 'pg';

import { createDatabase } from '../create-database.ts';
import { foldRollup, startFolding } from './fold.ts';
import { rebuildRollups, withoutRollups } from './rebuild.ts';
import { rollupSql } from './rollup-sql.ts';
import {
  findDifferences,
  makeTransaction,
  randomOf,
  saleRollup,
  tenants,
  writeSaleMigrations,
} from './sale-fixture.ts';

const migrations = await writeSaleMigrations();
const writersCount = 8;
const transactionsEach = process.env['PLINTH_TEST_LONG'] === '1' ? 400 : 40;

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // The clone is dropped first, and with it its connections.
  client.on('error', () => undefined);
  await client.connect();
  // Of two that wait for each other, one goes on at once.
  await client.query(`set lock_timeout = '30ms'`);
  return client;
}

async function open(t: TestContext, from = migrations) {
  const urls = await cloneDatabase(t, { migrations: [from] });
  const database = createDatabase({ url: urls.url });
  t.after(() => database.drain(0));
  return { urls, database, admin: await connect(urls.adminUrl) };
}

type Scene = Awaited<ReturnType<typeof open>>;

/** Deadlocks and serialization failures are an answer too: the transaction was not. */
async function write(client: Client, seed: number, count: number): Promise<void> {
  const random = randomOf(seed);
  for (let n = 0; n < count; n += 1) {
    try {
      for (const text of makeTransaction(random)) await client.query(text);
    } catch {
      await client.query('rollback');
    }
  }
}

async function writeByMany({ urls }: Scene, seed: number): Promise<void> {
  const writers = Array.from({ length: writersCount }, async (_, index) => {
    await write(await connect(urls.url), seed * 100 + index, transactionsEach);
  });
  await Promise.all(writers);
}

/** Does it again and again while the work goes on, and once more. @returns how often. */
async function repeatDuring(work: Promise<unknown>, step: () => Promise<unknown>): Promise<number> {
  const ended = new AbortController();
  const whole = work.finally(() => ended.abort());
  let count = 1;
  for (; !ended.signal.aborted; count += 1) await step();
  await whole;
  await step();
  return count;
}

async function assertEqual(admin: Client): Promise<void> {
  assert.deepEqual(await findDifferences(admin), []);
}

const seed = Number(process.env['PLINTH_SEED'] ?? Math.floor(Math.random() * 1e6));

test('rollups equal a recount at any moment under eight writers and folds', async (t) => {
  t.diagnostic(`PLINTH_SEED=${seed}`);
  const scene = await open(t);
  const folding = startFolding({ database: scene.database, rollups: [saleRollup], everyMs: 5 });
  t.after(() => folding.stop());

  const compared = await repeatDuring(writeByMany(scene, seed), () => assertEqual(scene.admin));

  assert(compared > 3, `${compared} comparisons`);
});

test('a rebuild under eight writers is exact, and blocks none of them', async (t) => {
  t.diagnostic(`PLINTH_SEED=${seed}`);
  const scene = await open(t);
  const rebuilding = repeatDuring(writeByMany(scene, seed + 1), async () => {
    await rebuildRollups(scene.urls.adminUrl, [saleRollup]);
    await foldRollup(scene.database, saleRollup);
  });

  const compared = await repeatDuring(rebuilding, () => assertEqual(scene.admin));

  assert(compared > 3, `${compared} comparisons`);
});

test('a fold leaves no deltas and no groups in which nothing is', async (t) => {
  const scene = await open(t);
  await write(await connect(scene.urls.url), 7, 30);
  await scene.admin.query('delete from shop.sale');

  const moved = await foldRollup(scene.database, saleRollup);

  const { rows } = await scene.admin.query(
    `select (select count(*) from shop.sale_sum_delta)::int as deltas,
       (select count(*) from shop.sales_by_day_rollup)::int as days,
       (select count(*) from shop.open_by_branch_rollup)::int as branches`,
  );
  assert(moved > 0);
  assert.deepEqual(rows, [{ deltas: 0, days: 0, branches: 0 }]);
});

test('of two that fold at once one does it', async (t) => {
  const { admin, database, urls } = await open(t);
  await write(await connect(urls.url), 7, 10);
  await admin.query('begin');
  await admin.query('select shop.fold_sale_sum(1)');

  const moved = await foldRollup(database, saleRollup);
  await admin.query('rollback');

  assert.equal(moved, 0);
  assert((await foldRollup(database, saleRollup)) > 0);
});

test('an update that changes nothing of a rollup writes no delta, one within its group a single row', async (t) => {
  const { admin } = await open(t);
  await admin.query(`insert into shop.sale (tenant_id, id, is_done, currency, branch, sold_on, pieces, price)
    values ('${tenants[0]}', 1, true, 'EUR', 1, '2026-01-01', 1, 500)`);
  await admin.query('delete from shop.sale_sum_delta');

  await admin.query(`update shop.sale set note = 'x'`);
  await admin.query(`update shop.sale set price = 700`);

  const { rows } = await admin.query(
    'select net::int, sales::int, open::int from shop.sale_sum_delta',
  );
  assert.deepEqual(rows, [{ net: 200, sales: 0, open: 200 }]);
});

test('a truncate of the source is refused', async (t) => {
  const { admin } = await open(t);

  await assert.rejects(() => admin.query('truncate shop.sale'), { code: '55000' });
});

test('a load without triggers is counted when it is over', async (t) => {
  const { admin, urls } = await open(t);

  await withoutRollups(urls.adminUrl, [saleRollup], async () => {
    await admin.query(`insert into shop.sale (tenant_id, id, is_done, currency, branch, sold_on, pieces, price)
      select '${tenants[1]}', n, true, 'EUR', n % 3, date '2026-01-01' + n % 90, 1, n
      from generate_series(1, 5000) n`);
    const { rows } = await admin.query('select 1 from shop.sale_sum_delta limit 1');
    assert.deepEqual(rows, []);
  });

  assert.deepEqual(await findDifferences(admin), []);
  const { rows } = await admin.query('select sum(sales)::int as sales from shop.sales_by_day');
  assert.deepEqual(rows, [{ sales: 5000 }]);
});

test('a tenant reads its own sums alone', async (t) => {
  const { admin, urls } = await open(t);
  await admin.query(`insert into shop.sale (tenant_id, id, is_done, currency, branch, sold_on, pieces, price)
    values ('${tenants[0]}', 1, true, 'EUR', 1, '2026-01-01', 1, 500)`);
  const client = await connect(urls.url);
  await client.query('begin');
  await client.query(`select set_config('app.tenant', $1, true)`, [tenants[1]]);

  const { rows } = await client.query('table shop.sales_by_day');

  assert.deepEqual(rows, []);
});

const good = rollupSql(saleRollup);
/** What a careless hand would write. */
const mutants: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'without the truncate guard',
    sql: good.replace(/raise exception 'shop\.sale is rolled up[^;]+;/u, 'return null;'),
  },
  {
    name: 'an update of the group counts as one of the sums',
    sql: good.replace(
      /and \(old\.tenant_id, old\.currency, old\.branch, old\.sold_on\) is not distinct[^\n]+/u,
      '',
    ),
  },
  {
    name: 'the condition of the old row is not looked at',
    sql: good.replace('if old.is_done then', 'if true then'),
  },
  {
    name: 'deletes are not counted',
    sql: good.replace(
      'referencing old table as deleted',
      'when (false) execute function shop.sale_sum_truncated(); --',
    ),
  },
];

for (const { name, sql } of mutants) {
  test(`the comparison finds a rollup in which ${name}`, async (t) => {
    assert.notEqual(sql, good);
    const scene = await open(t, await writeSaleMigrations(sql));
    await write(await connect(scene.urls.url), 11, 60);

    await scene.admin.query('truncate shop.sale').catch(() => undefined);

    assert.notDeepEqual(await findDifferences(scene.admin), []);
  });
}

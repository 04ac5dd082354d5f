import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';

import type { ClientBase } from 'pg';

import type { Migrations } from '../migrate/files.ts';
import { rollupSql } from './rollup-sql.ts';
import { rollup } from './rollup.ts';

export const saleRollup = rollup({
  name: 'shop.sale_sum',
  source: 'shop.sale',
  where: 'r.is_done',
  columns: { currency: 'text', branch: 'int', sold_on: 'date' },
  sums: { net: 'r.price * r.pieces', open: 'case when r.paid then 0 else r.price end' },
  counts: { sales: 'true', returns: 'r.pieces < 0' },
  api: 'shop',
  groupings: {
    sales_by_day: { group: ['sold_on', 'currency'], keep: ['net', 'sales', 'returns'] },
    sales_by_month: {
      group: ['currency', { column: 'sold_on', grain: 'month', as: 'month' }, 'branch'],
      keep: ['net', 'sales'],
    },
    open_by_branch: { group: ['branch'], keep: ['open'] },
  },
});

const saleTable = `-- phase: expand
create schema shop;
grant usage on schema shop to plinth_app;
create table shop.sale (
  tenant_id uuid not null default current_setting('app.tenant')::uuid,
  id        bigint not null,
  is_done   boolean not null,
  currency  text not null,
  branch    int,
  sold_on   date not null,
  pieces    int not null,
  price     bigint not null,
  paid      boolean not null default false,
  note      text not null default '',
  primary key (tenant_id, id)
);
alter table shop.sale enable row level security;
alter table shop.sale force row level security;
create policy tenant on shop.sale
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on shop.sale to plinth_app;
`;

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** The table, and its rollup as a migration would hold it; another text of it for a mutant. */
export async function writeSaleMigrations(sql = rollupSql(saleRollup)): Promise<Migrations> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-rollup-'));
  folders.push(folder);
  await writeFile(join(folder, '0001_sale.sql'), saleTable);
  await writeFile(join(folder, '0002_rollup.sql'), `-- phase: expand\n${sql}\n`);
  return { module: 'shop', folder: pathToFileURL(`${folder}/`) };
}

/** What a view says that a recount does not, or the other way round; all tenants, as a superuser, one snapshot. */
const differences = `
  with by_day as (
    select tenant_id, sold_on, currency, sum(price * pieces)::bigint as net, count(*) as sales,
      count(*) filter (where pieces < 0) as returns
    from shop.sale where is_done group by 1, 2, 3),
  by_month as (
    select tenant_id, currency, date_trunc('month', sold_on::timestamp)::date as month, branch,
      sum(price * pieces)::bigint as net, count(*) as sales
    from shop.sale where is_done group by 1, 2, 3, 4),
  by_branch as (
    select tenant_id, branch, sum(price)::bigint as open
    from shop.sale where is_done and not paid group by 1, 2 having sum(price) <> 0)
  select 'day' as place, to_jsonb(s) as row from (
    (select * from by_day except all table shop.sales_by_day) union all
    (table shop.sales_by_day except all select * from by_day)) s
  union all
  select 'month', to_jsonb(s) from (
    (select * from by_month except all table shop.sales_by_month) union all
    (table shop.sales_by_month except all select * from by_month)) s
  union all
  select 'branch', to_jsonb(s) from (
    (select * from by_branch except all table shop.open_by_branch) union all
    (table shop.open_by_branch except all select * from by_branch)) s`;

export async function findDifferences(admin: ClientBase): Promise<unknown[]> {
  return (await admin.query<Record<string, unknown>>(differences)).rows;
}

export const tenants = [1, 2].map((n) => `0190c0de-0000-7000-8000-00000000000${n}`);

/** A small generator: the seed of a failed run makes the same commands again. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof randomOf>;
const idsMax = 60;

function valuesOf(random: Random): string {
  const id = random(idsMax);
  const day = `date '2026-01-25' + ${random(12)}`;
  const branch = random(4) === 0 ? 'null' : `${random(3)}`;
  return `(${id}, ${random(3) > 0}, '${random(2) === 0 ? 'EUR' : 'JPY'}', ${branch}, ${day}, ${random(7) - 2}, ${random(900)}, ${random(2) === 0})`;
}

const columns = '(id, is_done, currency, branch, sold_on, pieces, price, paid)';
const setters = [
  (random: Random) => `price = price + ${random(50)}`,
  (random: Random) => `pieces = ${random(6) - 2}`,
  () => 'paid = not paid',
  () => 'is_done = not is_done',
  (random: Random) => `sold_on = sold_on + ${random(40)}`,
  (random: Random) => `branch = ${random(3)}, currency = 'EUR'`,
  () => `note = note || 'x'`,
  () => 'branch = null',
];
const someRows = (random: Random) => `id % ${1 + random(9)} = 0`;

/** One command of a writer, of every kind that changes rows. */
const commands: readonly ((random: Random) => string)[] = [
  (random) => `insert into shop.sale ${columns} values ${valuesOf(random)} on conflict do nothing`,
  (random) =>
    `insert into shop.sale ${columns} values ${valuesOf(random)}
     on conflict (tenant_id, id) do update set price = excluded.price, is_done = true, sold_on = excluded.sold_on`,
  (random) =>
    `insert into shop.sale ${columns} select n, true, 'EUR', n % 3, date '2026-02-01', 1, n, false
     from generate_series(${random(idsMax)}, ${idsMax}) n on conflict do nothing`,
  (random) =>
    `update shop.sale set ${setters[random(setters.length)]?.(random)} where ${someRows(random)}`,
  (random) =>
    `update shop.sale set ${setters[random(setters.length)]?.(random)} where id = ${random(idsMax)}`,
  (random) => `delete from shop.sale where id = ${random(idsMax)}`,
  (random) => `delete from shop.sale where id > ${random(idsMax)} and ${someRows(random)}`,
  (random) =>
    `merge into shop.sale s using (values ${valuesOf(random)}) v ${columns} on s.id = v.id
     when matched and v.paid then delete
     when matched then update set price = v.price, currency = v.currency
     when not matched then insert ${columns}
       values (v.id, v.is_done, v.currency, v.branch, v.sold_on, v.pieces, v.price, v.paid)`,
  (random) =>
    `with gone as (delete from shop.sale where id = ${random(idsMax)} returning *)
     update shop.sale set price = price + 1 where id = ${random(idsMax)}`,
];

/** Some commands in one transaction, now and then undone to a savepoint or as a whole. */
export function* makeTransaction(random: Random): Generator<string> {
  yield 'begin';
  yield `select set_config('app.tenant', '${tenants[random(tenants.length)] ?? ''}', true)`;
  const command = () => commands[random(commands.length)]?.(random) ?? '';
  for (let n = random(4); n >= 0; n -= 1) yield command();
  if (random(3) === 0) {
    yield 'savepoint s';
    yield command();
    yield random(2) === 0 ? 'rollback to s' : 'release s';
    yield command();
  }
  yield random(6) === 0 ? 'rollback' : 'commit';
}

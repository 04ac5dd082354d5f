import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { cloneDatabase } from '@plinth/testing';
import { Client } from 'pg';

import { t } from '../codecs.ts';
import { list } from '../list/declare-list.ts';
import { parcelList, parcelMigrations } from '../list/parcel-fixture.ts';
import { sql } from '../sql.ts';
import { checkSql, type SqlCheckOptions } from './index.ts';

const path = 'modules/parcels/src/parcel-table.ts';

async function openSchema(tc: TestContext, ...statements: string[]): Promise<string> {
  const { adminUrl } = await cloneDatabase(tc, { migrations: [parcelMigrations] });
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
  return adminUrl;
}

async function faultsOf(
  tc: TestContext,
  exports: Readonly<Record<string, unknown>>,
  ...statements: string[]
): Promise<string[]> {
  const { faults } = await checkSql(await openSchema(tc, ...statements), [{ path, exports }]);
  return faults.map((fault) => `${fault.path}: ${fault.name}: ${fault.message}`);
}

const id = { id: t.uuid };
const good = sql(id, { name: t.text, note: t.nullable(t.text), grams: t.int8n })`
  select name, note, grams::bigint as grams from parcels.parcel where id = ${'id'}`;

test('statements and lists that fit the schema have no fault', async (tc) => {
  const exports = { good, choices: { byId: good }, parcelList, other: 'text' };

  assert.deepEqual(await faultsOf(tc, exports), []);
});

const bad: readonly (readonly [what: string, statement: unknown, message: string])[] = [
  [
    'a misspelt column',
    sql(id, { naem: t.text })`select naem from parcels.parcel where id = ${'id'}`,
    'column "naem" does not exist',
  ],
  [
    'a table that is not there',
    sql(id, { a: t.text })`select a from parcels.letter where id = ${'id'}`,
    'relation "parcels.letter" does not exist',
  ],
  [
    'a parameter of another type',
    sql({ id: t.text }, { name: t.text })`select name from parcels.parcel where id = ${'id'}`,
    'parameter id is uuid, declared text',
  ],
  [
    'a parameter that is wider than its place',
    sql({ n: t.int8 }, {})`update parcels.parcel set grams = ${'n'}`,
    'parameter n is integer, declared bigint',
  ],
  [
    'a column of another type',
    sql(id, { price: t.int4 })`select price from parcels.parcel where id = ${'id'}`,
    'column price is bigint, declared integer',
  ],
  [
    'a column that is not declared',
    sql(id, { name: t.text })`select name, state from parcels.parcel where id = ${'id'}`,
    'column state is not declared',
  ],
  [
    'a column that does not come',
    sql(id, { name: t.text, state: t.text })`select name from parcels.parcel where id = ${'id'}`,
    'column state is declared and does not come',
  ],
  [
    'a column that comes twice',
    sql(id, { name: t.text })`select name, state as name from parcels.parcel where id = ${'id'}`,
    'column name comes twice',
  ],
  [
    'a nullable column',
    sql(id, { note: t.text })`select note from parcels.parcel where id = ${'id'}`,
    'column note can be NULL: parcels.parcel.note is nullable',
  ],
  [
    'an outer joined column',
    sql({ day: t.date }, { name: t.text })`
      select p.name from (select ${'day'}::date as day) d left join parcels.parcel p on p.shipped_on = d.day`,
    'column name can be NULL: parcels.parcel is outer joined',
  ],
  [
    'an outer joined common table expression',
    sql({ day: t.date }, { name: t.text })`
      with one as (select * from parcels.parcel where shipped_on = ${'day'})
      select o.name from generate_series(1, 2) n left join one o on o.grams = n`,
    'column name can be NULL: parcels.parcel is outer joined',
  ],
];

for (const [what, statement, message] of bad) {
  test(`a statement with ${what} is refused`, async (tc) => {
    const faults = await faultsOf(tc, { bad: statement });

    assert.ok(faults.includes(`${path}: bad: ${message}`), faults.join('\n'));
  });
}

test('a statement that none of the roles may run is refused', async (tc) => {
  const faults = await faultsOf(tc, { good }, 'revoke select on parcels.parcel from plinth_app');

  assert.deepEqual(faults, [`${path}: good: plinth_app: permission denied for table parcel`]);
});

test('a column that the text keeps from being NULL may be declared so', async (tc) => {
  const kept = sql(id, { note: t.text })`
    select note from parcels.parcel where id = ${'id'} and note is not null`;
  const expression = sql(id, { note: t.text })`
    select coalesce(note, '') as note from parcels.parcel where id = ${'id'}`;

  assert.deepEqual(await faultsOf(tc, { kept, expression }), []);
});

test('a module that reads the table of another is refused, its views are not', async (tc) => {
  const foreign = sql(id, { name: t.text })`select name from parcels.parcel where id = ${'id'}`;
  const viewed = sql(id, { name: t.text })`select name from parcels_api.parcel where id = ${'id'}`;
  const adminUrl = await openSchema(
    tc,
    'create schema parcels_api',
    'create view parcels_api.parcel with (security_invoker = true) as select id, name from parcels.parcel',
    'grant usage on schema parcels_api to plinth_app',
    'grant select on parcels_api.parcel to plinth_app',
  );

  const { faults } = await checkSql(adminUrl, [
    { path, exports: {} },
    { path: 'modules/letters/src/letter-table.ts', exports: { foreign, viewed } },
  ]);

  assert.deepEqual(
    faults.map(({ name, message }) => [name, message]),
    [['foreign', 'reads parcels.parcel: of another module only the views of parcels_api are seen']],
  );
});

const schemas: readonly (readonly [what: string, fault: string, ...statements: string[]])[] = [
  [
    'a tenant table without row security',
    'schema: parcels.bare: row security is not enabled and forced',
    'create table parcels.bare (tenant_id uuid not null)',
  ],
  [
    'a tenant table whose owner passes row security',
    'schema: parcels.half: row security is not enabled and forced',
    'create table parcels.half (tenant_id uuid not null)',
    'alter table parcels.half enable row level security',
  ],
  [
    'a tenant table without a policy',
    'schema: parcels.shut: row security has no policy',
    'create table parcels.shut (tenant_id uuid not null)',
    'alter table parcels.shut enable row level security, force row level security',
  ],
  [
    "a view with its owner's rights",
    'schema: parcels.all_names: the view is not security_invoker',
    'create view parcels.all_names as select name from parcels.parcel',
  ],
  [
    'a definer function without a search path',
    'schema: parcels.f: security definer without a fixed search_path',
    "create function parcels.f() returns int security definer language sql as 'select 1'",
    'revoke execute on function parcels.f() from public',
  ],
  [
    'a definer function for everyone',
    'schema: parcels.g: security definer that anyone may execute',
    "create function parcels.g() returns int security definer set search_path = pg_catalog language sql as 'select 1'",
  ],
  [
    'an app role that may create tables',
    'schema: roles: plinth_app may create in schema parcels',
    'grant create on schema parcels to plinth_app',
  ],
];

for (const [what, fault, ...statements] of schemas) {
  test(`a schema with ${what} is refused`, async (tc) => {
    assert.deepEqual(await faultsOf(tc, {}, ...statements), [fault]);
  });
}

test('a table that is declared to be read across tenants needs no row security', async (tc) => {
  const adminUrl = await openSchema(tc, 'create table parcels.bare (tenant_id uuid not null)');
  const options: SqlCheckOptions = { acrossTenants: ['parcels.bare'] };

  assert.deepEqual((await checkSql(adminUrl, [], options)).faults, []);
});

test('a list whose columns, indexes or searches are not there is refused', async (tc) => {
  const { def } = parcelList;
  const wrong = list({
    ...def,
    fields: {
      ...def.fields,
      dueOn: { sql: 'p.due_on', type: 'date', sort: true },
      price: { sql: 'p.price', type: 'money', sort: { index: 'parcel_name' } },
      grams: { sql: 'p.grams', type: 'text' },
    },
    q: { function: 'parcels.search_nothing' },
  });

  const faults = await faultsOf(tc, { wrong });

  for (const message of [
    'field dueOn: p.due_on is sorted and can be NULL',
    'field price: there is no index parcel_name on parcels.parcel (tenant_id, price, id)',
    'field grams: p.grams is integer, declared text',
    'the search parcels.search_nothing is not there',
  ]) {
    assert.ok(faults.includes(`${path}: wrong: ${message}`), message);
  }
});

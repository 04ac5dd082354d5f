import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { noLog } from '@plinth/core';
import { cloneDatabase, startPgBouncer, testCtx } from '@plinth/testing';

import { checkBudget } from './budget.ts';
import { t as codec } from './codecs.ts';
import { createDatabase, type DatabaseOptions } from './create-database.ts';
import { migrate } from './migrate/migrate.ts';
import { notes } from './notes-fixture.ts';
import { sql } from './sql.ts';

const long = process.env['PLINTH_TEST_LONG'] === '1';
const tenantCount = 64;
const readsEach = long ? 1_600 : 24;

const add = sql({ tenant: codec.uuid, id: codec.uuid, title: codec.text }, {})`
  insert into notes.note (tenant_id, id, title) values (${'tenant'}, ${'id'}, ${'title'})`;
const titles = sql({ like: codec.text }, { tenant: codec.uuid, title: codec.text })`
  select tenant_id as tenant, title from notes.note where title like ${'like'} order by id`;
const all = sql({}, { tenant: codec.uuid, title: codec.text })`
  select tenant_id as tenant, title from notes.note`;
const divide = sql({ by: codec.int4 }, { n: codec.int4 })`select 1 / ${'by'}::int as n`;

async function openThrough(
  t: TestContext,
  poolSize: number,
  options: Omit<DatabaseOptions, 'url'> = {},
) {
  const { url, adminUrl, ownerUrl } = await cloneDatabase(t, { migrations: [notes] });
  const pooler = await startPgBouncer(t, { urls: [url, adminUrl, ownerUrl], poolSize });
  const database = createDatabase({ url: pooler.through(url), prepare: 'unnamed', ...options });
  t.after(() => database.drain(0));
  return { database, pooler, url, adminUrl };
}

test('64 tenants at once through two connections of PgBouncer see their own rows, with errors and rollbacks between', async (t) => {
  const { database, pooler } = await openThrough(t, 2, { poolMax: 32, acquireMs: 60_000 });
  const tenants = Array.from({ length: tenantCount }, () => randomUUID());
  await Promise.all(
    tenants.map((tenant) =>
      database.write(testCtx({ tenant }), async (tx) => {
        for (const title of ['one', 'two']) {
          await tx.run(add, { tenant, id: randomUUID(), title: `${title} of ${tenant}` });
        }
      }),
    ),
  );

  const seen = await Promise.all(
    tenants.map(async (tenant, place) => {
      const ctx = testCtx({ tenant, withinMs: 600_000 });
      const rows: { tenant: string; title: string }[] = [];
      for (let turn = 0; turn < readsEach; turn += 1) {
        if ((turn + place) % 5 === 0) {
          await assert.rejects(database.one(ctx, divide, { by: 0 }), {
            code: 'postgres.bad_input',
          });
        } else if ((turn + place) % 2 === 0) {
          rows.push(...(await database.many(ctx, titles, { like: '%' })));
        } else rows.push(...(await database.read(ctx, (q) => q.many(all, {}))));
      }
      return rows.filter((row) => row.tenant !== tenant || !row.title.endsWith(tenant)).length;
    }),
  );
  const foreign = await assert.rejects(database.many(testCtx({ tenant: 'none' }), all, {}), {
    code: 'postgres.no_tenant',
  });

  assert.equal(foreign, undefined);
  assert.deepEqual(new Set(seen), new Set([0]));
  t.diagnostic(`PgBouncer ${pooler.version}: ${tenantCount * readsEach} calls, 0 foreign rows`);
});

test('what needs a session is refused through PgBouncer, and goes its own way where that is given', async (t) => {
  const { database, pooler, url, adminUrl } = await openThrough(t, 2);
  const direct = createDatabase({
    url: pooler.through(url),
    directUrl: url,
    prepare: 'unnamed',
  });
  t.after(() => direct.drain(0));
  const heard = Promise.withResolvers<string>();

  await assert.rejects(
    database.listen('notes_changed', () => undefined),
    {
      code: 'postgres.needs_direct',
    },
  );
  await assert.rejects(migrate(pooler.through(adminUrl), [notes]), {
    code: 'postgres.needs_direct',
  });
  await direct.listen('notes_changed', heard.resolve);
  direct.notify('notes_changed');

  assert.equal(await heard.promise, '');
});

test('the budget tells how much of the server the processes may take', async (t) => {
  const { database } = await openThrough(t, 2);
  const needs = { database, context: testCtx({ tenant: 'none' }), log: noLog };

  const budget = await checkBudget({ ...needs, connections: 17 });
  const over = await checkBudget({ ...needs, connections: budget.usable + 1 });

  assert.equal(budget.ratio, 17 / budget.usable);
  assert(over.ratio > 1);
});

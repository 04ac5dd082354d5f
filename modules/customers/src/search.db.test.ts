import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDatabase, sql, t as type } from '@plinth/postgres';
import { cloneDatabase, testCtx } from '@plinth/testing';

import { customersMigrations, startCustomers, tenantA, tenantB } from './customers-fixture.ts';

const fill = sql({ count: type.int4 }, {}, { timeoutMs: 120_000 })`
  insert into customers.customer (id, number, name, city, country, currency, created_at, changed_at)
  select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'C-' || n,
         initcap(substr(md5(n::text), 1, 7)) || ' ' || initcap(substr(md5((n / 7)::text), 1, 9)) ||
         case when n % 5000 = 0 then ' Zürichsee' else '' end,
         'City ' || n % 300, 'AT', 'EUR', now(), now()
  from generate_series(1, ${'count'}) n`;
// The index is built behind the rows: five times as fast as row by row.
const dropIndex = sql({}, {})`drop index customers.customer_search`;
const makeIndex = sql({}, {}, { timeoutMs: 120_000 })`
  create index customer_search on customers.customer using gin (tenant_id, search_key public.gin_trgm_ops)`;
const analyze = sql({}, {})`analyze customers.customer`;
const searchMsMax = 20;

test('a search of 200,000 customers under row-level security takes at most 20 ms', async (t) => {
  const urls = await cloneDatabase(t, { migrations: customersMigrations });
  const database = createDatabase({ url: urls.url });
  const admin = createDatabase({ url: urls.adminUrl, commandMs: 120_000 });
  t.after(() => Promise.all([database.drain(0), admin.drain(0)]));
  const { client } = startCustomers(database);
  const ctx = testCtx({ tenant: tenantA, permissions: ['customers.read'], withinMs: 300_000 });
  const other = testCtx({ tenant: tenantB, permissions: ['customers.read'] });
  await admin.run(ctx, dropIndex, {});
  await admin.run(ctx, fill, { count: 200_000 });
  await admin.run(other, fill, { count: 1_000 });
  await admin.run(ctx, makeIndex, {});
  await admin.run(ctx, analyze, {});

  const slowest: number[] = [];
  for (const q of ['zürichsee', 'richsee', 'C-123456']) {
    slowest.push(await leastMs(() => client.suggestCustomers(ctx, { q })));
  }

  assert.deepEqual(
    slowest.map((ms) => ms <= searchMsMax),
    [true, true, true],
    `took ${slowest.map((ms) => ms.toFixed(1)).join(', ')} ms`,
  );
  const { items, total } = await client.listCustomers(ctx, { f: ['q:contains:z%C3%BCrich'] });
  assert.deepEqual([items.length, total.n], [40, 40]);
  assert.equal((await client.suggestCustomers(other, { q: 'zürich' })).items.length, 0);
});

/** What it takes when nothing else disturbs it. */
async function leastMs(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 10; round += 1) {
    const startedMs = performance.now();
    await work();
    least = Math.min(least, performance.now() - startedMs);
  }
  return least;
}

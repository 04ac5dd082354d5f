import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { createIds, systemClock, type Ctx } from '@plinth/core';
import { openDatabase, testCtx } from '@plinth/testing';

import { t } from '../codecs.ts';
import type { Database } from '../database.ts';
import { sql } from '../sql.ts';
import {
  addParcels,
  parcelList,
  parcelMigrations,
  sortedIds,
  testKeyRing,
} from './parcel-fixture.ts';

const today = '2026-03-18';
const newId = createIds(systemClock);

async function openParcels(
  tc: TestContext,
  count: number,
): Promise<{ database: Database; ctx: Ctx }> {
  const keyRing = testKeyRing();
  const database = await openDatabase(tc, { migrations: [parcelMigrations], keyRing });
  const ctx = testCtx({ tenant: newId() });
  await database.run(ctx, addParcels, { count, seed: 0.42, tenant: ctx.tenant });
  const other = testCtx({ tenant: newId() });
  await database.run(other, addParcels, { count: 50, seed: 0.1, tenant: other.tenant });
  return { database, ctx };
}

test('an empty list has a page, a summary and no rows', async (tc) => {
  const { database } = await openParcels(tc, 0);
  const ctx = testCtx({ tenant: newId() });

  const page = await database.page(ctx, parcelList, { today });
  const atRank = await database.page(ctx, parcelList, { today, rank: 7 });
  const summary = await database.summary(ctx, parcelList, { today });

  assert.deepEqual([page.items, page.prev, page.next, page.total.n], [[], null, null, 0]);
  assert.deepEqual([atRank.items, atRank.rank.n, atRank.next], [[], 0, null]);
  assert.deepEqual([summary.total.n, summary.sums, summary.ruler], [0, [], []]);
});

test('a filter keeps what its SQL keeps, and the summary sums it by currency', async (tc) => {
  const { database, ctx } = await openParcels(tc, 500);
  const f = ['state:in:new,sent', 'price:gte:200', 'name:starts:BOX', 'seenAt:on:2026-01-01'];
  const truth = sql({ one: t.int4 }, { currency: t.text, n: t.int8n, price: t.int8n })`
    select currency, count(*) as n, sum(price)::int8 as price from parcels.parcel
    where state in ('new', 'sent') and price >= 200 and name ilike 'box%' and ${'one'} = 1 group by 1 order by 1`;
  const expected = await database.many(ctx, truth, { one: 1 });
  const n = expected.reduce((sum, row) => sum + row.n, 0);

  const page = await database.page(ctx, parcelList, { f, today, limit: 10 });
  const summary = await database.summary(ctx, parcelList, { f, today });

  assert.deepEqual([page.total.n, page.total.exact, page.cost], [n, true, 'index']);
  assert.deepEqual(
    summary.sums,
    expected.map(({ currency, price }) => ({ currency, amounts: { price } })),
  );
  assert.equal(summary.total.n, n);
  assert.deepEqual(summary.ruler[0], { n: 0, key: page.items[0]?.shippedOn });
});

test('contains finds by substring, two characters by the beginning, and its own signs are letters', async (tc) => {
  const { database, ctx } = await openParcels(tc, 40);
  const rename = sql({ name: t.text, id: t.uuid }, {})`
    update parcels.parcel set name = ${'name'} where id = ${'id'}`;
  const ids = await sortedIds(database, ctx, 'price');
  for (const [index, name] of ['Ärger 100%', '50_Kisten', '50xKisten'].entries()) {
    await database.run(ctx, rename, { name, id: ids[index] ?? '' });
  }
  const find = async (text: string) => {
    const f = [`name:contains:${encodeURIComponent(text)}`];
    const page = await database.page(ctx, parcelList, { f, today, sort: 'name' });
    return page.items.map(({ name }) => name);
  };

  assert.deepEqual(await find('00%'), ['Ärger 100%']);
  assert.deepEqual(await find('0_kis'), ['50_Kisten']);
  assert.deepEqual(await find('50'), ['50_Kisten', '50xKisten']);
  assert.deepEqual(await find('kisten'), ['50_Kisten', '50xKisten']);
  assert.equal((await find('bo')).length, 37);
});

test('a search that finds more than 10,000 rows is to be narrowed', async (tc) => {
  const { database, ctx } = await openParcels(tc, 10_001);

  await assert.rejects(database.page(ctx, parcelList, { f: ['q:contains:box'], today }), {
    code: 'list.narrow_search',
    context: { field: 'q', foundMax: 10_000 },
  });
});

test('rows gives those of the ids that the filter keeps, and names the others', async (tc) => {
  const { database, ctx } = await openParcels(tc, 20);
  const page = await database.page(ctx, parcelList, { today, limit: 200, sort: 'price' });
  const [cheap, dear] = [page.items[0], page.items.at(-1)];
  const ids = [newId(), dear?.id ?? '', cheap?.id ?? ''];

  const all = await database.rows(ctx, parcelList, { ids, today });
  const f = [`price:gte:${dear?.price}`];
  const some = await database.rows(ctx, parcelList, { ids, f, today });

  assert.deepEqual(all, { items: [dear, cheap], gone: [ids[0]] });
  assert.deepEqual(some, { items: [dear], gone: [ids[0], ids[2]] });
});

test('a selection is walked in chunks, in the order of its sort, by ids and by rows', async (tc) => {
  const { database, ctx } = await openParcels(tc, 2_300);
  const query = { sort: 'price,-name', today };
  const expected = await sortedIds(database, ctx, query.sort);

  const chunks = await Array.fromAsync(database.ids(ctx, parcelList, query));
  const rows = await Array.fromAsync(database.walk(ctx, parcelList, query));

  assert.deepEqual(
    chunks.map(({ length }) => length),
    [1_000, 1_000, 300],
  );
  assert.deepEqual(chunks.flat(), expected);
  assert.deepEqual(
    rows.flat().map(({ id }) => id),
    expected,
  );
});

test('a row that the filter does not keep cannot be opened around', async (tc) => {
  const { database, ctx } = await openParcels(tc, 20);
  const [id = ''] = await sortedIds(database, ctx, 'price');

  const page = database.page(ctx, parcelList, { around: id, f: ['price:gte:99999'], today });

  await assert.rejects(page, { code: 'list.row_not_found' });
});

test('without a tenant no list is read', async (tc) => {
  const { database } = await openParcels(tc, 5);

  await assert.rejects(database.page(testCtx(), parcelList, { today }), {
    code: 'postgres.no_tenant',
  });
});

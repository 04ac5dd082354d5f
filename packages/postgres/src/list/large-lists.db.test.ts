import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { createIds, systemClock } from '@plinth/core';
import { cloneDatabase, eventually, fakeClock, testCtx } from '@plinth/testing';

import { t } from '../codecs.ts';
import { createDatabase } from '../create-database.ts';
import { sql } from '../sql.ts';
import { createLists, type ListOptions } from './index.ts';
import {
  addParcels,
  parcelList,
  parcelMigrations,
  sortedIds,
  testKeyRing,
} from './parcel-fixture.ts';

const today = '2026-03-18';
const newId = createIds(systemClock);
const count = 3_000;

/** Lists whose limits are so low that 3,000 rows are many. */
async function openLarge(tc: TestContext, limits: ListOptions['limits']) {
  const { url, adminUrl } = await cloneDatabase(tc, { migrations: [parcelMigrations] });
  const database = createDatabase({ url });
  const admin = createDatabase({ url: adminUrl });
  const ctx = testCtx({ tenant: newId() });
  await database.run(ctx, addParcels, { count, seed: 0.42, tenant: ctx.tenant });
  // Without statistics the planner takes the list for a short one.
  await admin.run(ctx, sql({}, {})`analyze parcels.parcel`, {});
  tc.after(() => Promise.all([database.drain(0), admin.drain(0)]));
  const clock = fakeClock();
  const lists = createLists({
    database,
    clock,
    keyRing: testKeyRing(),
    limits: { countedMax: 100, ...limits },
  });
  return { database, ctx, lists, clock };
}

test('a list too long to be counted shows an estimate until its anchors are there', async (tc) => {
  const { ctx, lists } = await openLarge(tc, {});
  const query = { sort: 'price', limit: 10, today };

  const first = await lists.page(ctx, parcelList, query);
  const atRank = await lists.page(ctx, parcelList, { ...query, rank: 2_500 });
  const again = await lists.page(ctx, parcelList, query);

  assert.equal(first.total.exact, false);
  assert.deepEqual([atRank.total.n, atRank.total.exact], [count, true]);
  assert.deepEqual([again.total.n, again.total.exact], [count, true]);
});

test('anchors are kept: a rank of stale ones is not exact, its rows are those of the moment', async (tc) => {
  const { database, ctx, lists, clock } = await openLarge(tc, {});
  const query = { sort: 'price,name', limit: 10, rank: 1_000, today };
  const before = await lists.page(ctx, parcelList, query);
  await database.run(ctx, addParcels, { count: 500, seed: 0.9, tenant: ctx.tenant });
  await clock.advance(60_000);

  const stale = await lists.page(ctx, parcelList, query);

  assert.deepEqual([before.rank.exact, stale.rank.exact, stale.total.n], [true, false, count]);
  await eventually(async () => {
    const fresh = await lists.page(ctx, parcelList, query);
    assert.deepEqual([fresh.rank.exact, fresh.total.n], [true, count + 500]);
    const expected = (await sortedIds(database, ctx, query.sort)).slice(1_000, 1_010);
    assert.deepEqual(
      fresh.items.map(({ id }) => id),
      expected,
    );
  });
});

test('a list that has become shorter than its anchors gives its last window', async (tc) => {
  const { database, ctx, lists } = await openLarge(tc, {});
  const query = { sort: 'price', limit: 10, today };
  await lists.page(ctx, parcelList, { ...query, rank: 2_900 });
  const ids = (await sortedIds(database, ctx, 'price')).slice(0, 50);
  const keep = sql(
    { ids: t.array(t.uuid) },
    {},
  )`delete from parcels.parcel where id <> all(${'ids'})`;
  await database.run(ctx, keep, { ids });

  const page = await lists.page(ctx, parcelList, { ...query, rank: 2_900 });

  assert.deepEqual(
    page.items.map(({ id }) => id),
    ids.slice(-10),
  );
  assert.deepEqual([page.next, page.rank.exact, page.total.exact], [null, false, false]);
});

test('a rank in a list too long to be measured at once is guessed between its ends', async (tc) => {
  const { ctx, lists } = await openLarge(tc, { sortedMax: 1_000 });
  const query = { sort: '-seenAt', limit: 10, today };

  const guess = await lists.page(ctx, parcelList, { ...query, rank: 1_500 });

  assert.deepEqual([guess.rank, guess.total.exact], [{ n: 1_500, exact: false }, false]);
  assert.equal(guess.items.length, 10);
  await eventually(async () => {
    const page = await lists.page(ctx, parcelList, { ...query, rank: 1_500 });
    assert.deepEqual(page.rank, { n: 1_500, exact: true });
  });
});

test('a rank by a text cannot be guessed: it is asked for again, and is there later', async (tc) => {
  const { ctx, lists } = await openLarge(tc, { sortedMax: 1_000 });
  const ask = () => lists.page(ctx, parcelList, { sort: 'name', limit: 10, rank: 1_500, today });

  await assert.rejects(ask(), { code: 'list.anchors_building', retryAfterMs: 1_000 });

  await eventually(async () => assert.equal((await ask()).rank.exact, true));
});

test('a summary of a list too long to be measured at once is an estimate with its sums', async (tc) => {
  const { ctx, lists } = await openLarge(tc, { sortedMax: 1_000 });

  const summary = await lists.summary(ctx, parcelList, { sort: 'price', today });

  assert.deepEqual([summary.total.exact, summary.ruler], [false, []]);
  assert.deepEqual(
    summary.sums?.map(({ currency }) => currency),
    ['EUR', 'JPY'],
  );
});

test('a long list is not sorted without an index: the sorts that are free are named', async (tc) => {
  const { ctx, lists } = await openLarge(tc, { sortedMax: 1_000 });

  await assert.rejects(lists.page(ctx, parcelList, { sort: 'grams', today }), {
    code: 'list.sort_needs_filter',
    context: { field: 'grams', indexed: ['name', 'shippedOn', 'seenAt', 'price'] },
  });
  const f = ['price:eq:100', 'state:in:new'];
  assert.equal((await lists.page(ctx, parcelList, { sort: 'grams', f, today })).cost, 'scan');
});

test('the ruler of a long list has 64 ticks that lie where its rows do', async (tc) => {
  const { ctx, lists } = await openLarge(tc, {});

  const { ruler, total } = await lists.summary(ctx, parcelList, { sort: 'price', today });

  assert.ok(ruler.length > 20 && ruler.length <= 64);
  assert.equal(total.n, count);
  const tick = ruler[ruler.length >> 1] ?? { n: 0, key: '' };
  const page = await lists.page(ctx, parcelList, { sort: 'price', rank: tick.n, limit: 1, today });
  assert.equal(String(page.items[0]?.price), tick.key);
});

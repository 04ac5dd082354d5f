import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { createIds, systemClock, type Ctx } from '@plinth/core';
import { openDatabase, testCtx } from '@plinth/testing';
import fc from 'fast-check';

import { t } from '../codecs.ts';
import type { Database } from '../database.ts';
import { sql } from '../sql.ts';
import {
  addParcels,
  parcelList,
  parcelMigrations,
  sortColumns,
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

async function walkForward(
  database: Database,
  ctx: Ctx,
  query: { sort: string; limit: number; f?: string[] },
) {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await database.page(ctx, parcelList, { ...query, after, today });
    assert.equal(page.rank.n, ids.length);
    ids.push(...page.items.map(({ id }) => id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return ids;
}

async function walkBackward(
  database: Database,
  ctx: Ctx,
  query: { sort: string; limit: number; f?: string[] },
) {
  const last = await database.page(ctx, parcelList, { ...query, rank: 1_000_000, today });
  const ids = last.items.map(({ id }) => id);
  let before = last.prev;
  while (before !== null) {
    const page = await database.page(ctx, parcelList, { ...query, before, today });
    ids.unshift(...page.items.map(({ id }) => id));
    before = page.prev;
  }
  return ids;
}

test('a list walked both ways by any sort, mixed directions included, equals the sort', async (tc) => {
  const { database, ctx } = await openParcels(tc, 180);
  const key = fc.tuple(fc.constantFrom(...Object.keys(sortColumns)), fc.boolean());
  const anySort = fc
    .uniqueArray(key, { minLength: 1, maxLength: 4, selector: ([name]) => name })
    .map((keys) => keys.map(([name, isDown]) => `${isDown ? '-' : ''}${name}`).join());

  await fc.assert(
    fc.asyncProperty(anySort, fc.integer({ min: 7, max: 60 }), async (sort, limit) => {
      const expected = await sortedIds(database, ctx, sort);
      assert.deepEqual(await walkForward(database, ctx, { sort, limit }), expected);
      assert.deepEqual(await walkBackward(database, ctx, { sort, limit }), expected);
    }),
    { numRuns: 40 },
  );
});

test('any rank and any row opens the window that the sort has there', async (tc) => {
  const { database, ctx } = await openParcels(tc, 1_500);
  for (const sort of ['-shippedOn', 'price,-name', 'grams', 'name,shippedOn']) {
    const expected = await sortedIds(database, ctx, sort);
    await fc.assert(
      fc.asyncProperty(fc.nat(1_499), fc.integer({ min: 1, max: 50 }), async (rank, limit) => {
        const query = { sort, limit, today };
        const page = await database.page(ctx, parcelList, { ...query, rank });
        assert.deepEqual(
          page.items.map(({ id }) => id),
          expected.slice(rank, rank + limit),
        );
        assert.deepEqual([page.rank, page.total.n], [{ n: rank, exact: true }, 1_500]);
        const around = await database.page(ctx, parcelList, { ...query, around: expected[rank] });
        const from = Math.max(rank - Math.floor(limit / 2), 0);
        assert.equal(around.rank.n, from);
        assert.equal(around.items[rank - from]?.id, expected[rank]);
      }),
      { numRuns: 15 },
    );
  }
});

test('a rank beyond the end gives the last window', async (tc) => {
  const { database, ctx } = await openParcels(tc, 30);
  const query = { sort: 'price', limit: 20, today };

  const page = await database.page(ctx, parcelList, { ...query, rank: 99 });

  assert.deepEqual([page.rank.n, page.items.length, page.next], [10, 20, null]);
});

test('pages during inserts show no row twice and skip none that was there throughout', async (tc) => {
  const { database, ctx } = await openParcels(tc, 400);
  const before = new Set(await sortedIds(database, ctx, 'price'));
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const query = { sort: 'price,-shippedOn', limit: 13, after, today };
    const page = await database.page(ctx, parcelList, query);
    seen.push(...page.items.map(({ id }) => id));
    after = page.next ?? undefined;
    const more = { count: 20, seed: (seen.length % 100) / 100, tenant: ctx.tenant };
    if (seen.length < 400) await database.run(ctx, addParcels, more);
  } while (after !== undefined);

  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(before.difference(new Set(seen)), new Set());
});

test('a cursor outlives the row that gave it', async (tc) => {
  const { database, ctx } = await openParcels(tc, 60);
  const query = { sort: 'price', limit: 10, today };
  const first = await database.page(ctx, parcelList, query);
  const expected = (await sortedIds(database, ctx, 'price')).slice(10, 20);
  const remove = sql(
    { ids: t.array(t.uuid) },
    {},
  )`delete from parcels.parcel where id = any(${'ids'})`;
  await database.run(ctx, remove, { ids: first.items.map(({ id }) => id) });

  const second = await database.page(ctx, parcelList, { ...query, after: first.next ?? '' });

  assert.deepEqual(
    second.items.map(({ id }) => id),
    expected,
  );
});

test('a cursor of another tenant, filter or sort, or a changed one, is refused', async (tc) => {
  const { database, ctx } = await openParcels(tc, 30);
  const query = { sort: 'price', limit: 5, today };
  const { next } = await database.page(ctx, parcelList, query);
  const after = next ?? '';
  const other = testCtx({ tenant: newId() });
  const bad = { code: 'http.bad_cursor' };

  await assert.rejects(database.page(other, parcelList, { ...query, after }), bad);
  await assert.rejects(database.page(ctx, parcelList, { ...query, after, sort: '-price' }), bad);
  await assert.rejects(
    database.page(ctx, parcelList, { ...query, after, f: ['grams:gte:1'] }),
    bad,
  );
  await assert.rejects(database.page(ctx, parcelList, { ...query, after: after.slice(2) }), bad);
  await assert.rejects(database.page(ctx, parcelList, { ...query, after: 'x' }), bad);
});

test('a page begins at one place only and has 1 to 200 rows', async (tc) => {
  const { database, ctx } = await openParcels(tc, 5);
  const bad = { code: 'list.bad_page' };

  await assert.rejects(database.page(ctx, parcelList, { rank: 1, around: newId(), today }), bad);
  await assert.rejects(database.page(ctx, parcelList, { limit: 0, today }), bad);
  await assert.rejects(database.page(ctx, parcelList, { limit: 201, today }), bad);
  assert.equal((await database.page(ctx, parcelList, { limit: 200, today })).items.length, 5);
});

import assert from 'node:assert/strict';
import test from 'node:test';

import { createIds, systemClock } from '@plinth/core';
import { cloneDatabase, testCtx } from '@plinth/testing';
import { Client } from 'pg';

import { createDatabase } from '../create-database.ts';
import { parcelMigrations } from './parcel-fixture.ts';
import { addBook, measureWindows } from './plan-fixture.ts';

test('every window of a sort with an index seeks: no table is scanned, and at most three rows are read for one returned', async (tc) => {
  const newId = createIds(systemClock);
  const { url, adminUrl } = await cloneDatabase(tc, { migrations: [parcelMigrations] });
  const database = createDatabase({ url });
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  const ctx = testCtx({ tenant: newId() });
  const other = testCtx({ tenant: newId() });
  await database.run(ctx, addBook, { count: 40_000, tenant: ctx.tenant });
  await database.run(other, addBook, { count: 5_000, tenant: other.tenant });
  await admin.query('vacuum (analyze) parcels.parcel');

  const works = await measureWindows(database, ctx, 28_000);

  await admin.end();
  await database.drain(0);
  const slow = works.filter(
    ({ rowsReturned, rowsRead, rowsSorted, hasSeqScan }) =>
      hasSeqScan || rowsReturned !== 101 || rowsRead > 3 * rowsReturned || rowsSorted > 303,
  );
  assert.deepEqual(slow, []);
});

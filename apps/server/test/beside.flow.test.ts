import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate, type Migrations } from '@plinth/postgres';
import { cloneDatabase } from '@plinth/testing';

import { migrations } from '../src/modules.ts';
import { runApiSuite } from './api-suite.ts';
import { openProduct } from './product.ts';
import { startServed } from './served.ts';

/** What a next version may bring: columns, an index, a table, a view, a backfill. */
const next: Migrations = {
  module: 'next',
  folder: new URL('fixtures/next/', import.meta.url),
};

test('this version passes its whole API on the schema of a next one, which came while it ran', async (t) => {
  const { modules } = await openProduct(t);
  const { url, adminUrl } = await cloneDatabase(t, { migrations });
  const served = await startServed(t, url);
  await served.provision('before');
  await served.provision('after');

  const before = await runApiSuite(served.url, 'before', modules);
  const applied = await migrate(adminUrl, [...migrations, next]);
  const after = await runApiSuite(served.url, 'after', modules);

  assert.equal(applied.length, 3);
  t.diagnostic(`${before} calls, ${applied.length} migrations while it ran, ${after} calls`);
});

test('a process of the version before, started late, passes on the schema of the next one', async (t) => {
  const { modules } = await openProduct(t);
  const { url } = await cloneDatabase(t, { migrations: [...migrations, next] });
  const served = await startServed(t, url);
  await served.provision('late');

  const calls = await runApiSuite(served.url, 'late', modules);

  assert(calls > 100);
});

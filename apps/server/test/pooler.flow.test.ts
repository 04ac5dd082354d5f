import { test } from 'node:test';

import { cloneDatabase, startPgBouncer } from '@plinth/testing';

import { migrations } from '../src/modules.ts';
import { runApiSuite } from './api-suite.ts';
import { openProduct } from './product.ts';
import { startServed } from './served.ts';

test('the whole API passes through PgBouncer 1.18 in transaction mode', async (t) => {
  const { modules } = await openProduct(t);
  const { url } = await cloneDatabase(t, { migrations });
  const pooler = await startPgBouncer(t, { urls: [url], poolSize: 4 });
  const served = await startServed(t, pooler.through(url), {
    DATABASE_DIRECT_URL: url,
    PG_PREPARE: 'unnamed',
  });
  await served.provision('acme');

  const calls = await runApiSuite(served.url, 'acme', modules);

  t.diagnostic(`${calls} calls through PgBouncer ${pooler.version}, 4 connections`);
});

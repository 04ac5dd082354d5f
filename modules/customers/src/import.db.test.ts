import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Jobs } from '@plinth/jobs';
import { eventually, openDatabase, testCtx } from '@plinth/testing';

import {
  customersMigrations,
  newId,
  startCustomers,
  tenantA,
  tenantB,
} from './customers-fixture.ts';

const permissions = ['customers.read', 'customers.write', 'imports.write'];

async function setUp(t: TestContext) {
  let jobs: Jobs | undefined;
  // Registered first: it runs before the database is closed.
  t.after(() => jobs?.drain(0));
  const database = await openDatabase(t, { migrations: customersMigrations });
  const parts = startCustomers(database);
  jobs = parts.jobs;
  await jobs.start({ queues: { default: 2 } });
  const { client, blobs } = parts;
  const ctx = testCtx({ tenant: tenantA, permissions });
  const upload = async (content: string | Buffer) => {
    const blob = `${tenantA}/imports/${newId()}`;
    const body = Buffer.from(content);
    await blobs.put(blob, body, { tenant: tenantA, type: 'text/csv', bytesMax: 10_000_000 });
    return client.uploadCustomers(ctx, { blob, fileName: 'customers.csv' });
  };
  const run = async (content: string | Buffer, defaults = {}) => {
    const { id, mapping } = await upload(content);
    await client.startCustomersImport(ctx, { id, mapping, defaults });
    return eventually(async () => {
      const found = await client.getCustomersImport(ctx, { id });
      assert.notEqual(found.finishedAt, null);
      return found;
    });
  };
  const counts = ({
    rows,
    created,
    changed,
    unchanged,
    rejected,
  }: Awaited<ReturnType<typeof run>>) => [rows, created, changed, unchanged, rejected];
  return { ...parts, ctx, upload, run, counts };
}

const header = 'number;name;country;currency;terms';

test('a file is looked at before it is imported', async (t) => {
  const { upload } = await setUp(t);

  const found = await upload(`\uFEFF${header}\n1;"Acme; Sons";AT;EUR;14\n`);

  const { state, separator, mapping, sample } = found;
  assert.deepEqual(
    [state, separator, sample],
    ['uploaded', ';', [['1', 'Acme; Sons', 'AT', 'EUR', '14']]],
  );
  assert.deepEqual(mapping, {
    number: 'number',
    name: 'name',
    country: 'country',
    currency: 'currency',
    termDays: 'terms',
  });
});

test('a file of many rows and some bad ones imports the good ones and names the others', async (t) => {
  const { client, ctx, run, counts } = await setUp(t);
  const rows = Array.from({ length: 1_200 }, (_, n) => `${n + 1};Name ${n + 1};AT;EUR;30`);
  rows[10] = '11;;AT;EUR;30';
  rows[600] = '601;Name;AT;EUR;forty';
  rows[1_100] = '1101;"Name;AT;EUR;30';

  const found = await run([header, ...rows].join('\n'));

  assert.deepEqual(counts(found), [1_200, 1_197, 0, 0, 3]);
  assert.deepEqual(
    found.errors.map(({ line, column, code }) => [line, column, code]),
    [
      [12, 'name', 'customers.missing'],
      [602, 'terms', 'customers.bad_value'],
      [1_102, '', 'customers.broken_row'],
    ],
  );
  const rejected = await Array.fromAsync(client.rejectedCustomers(ctx, { id: found.id }));
  assert.deepEqual(
    rejected.map(({ number, termDays, line }) => [number, termDays, line]),
    [
      ['11', '30', 12],
      ['601', 'forty', 602],
      ['', '', 1_102],
    ],
  );
});

test('a file that is sent twice changes nothing; one that was mended changes what differs', async (t) => {
  const { run, counts } = await setUp(t);
  const file = [header, '1;Acme;AT;EUR;30', '2;Globex;DE;EUR;14', '3;Initech;AT;EUR;30'];

  assert.deepEqual(counts(await run(file.join('\r\n'))), [3, 3, 0, 0, 0]);
  assert.deepEqual(counts(await run(file.join('\n'))), [3, 0, 0, 3, 0]);
  file[2] = '2;Globex Corp;DE;EUR;14';
  assert.deepEqual(counts(await run(file.join('\n'))), [3, 0, 1, 2, 0]);
});

test('columns that are not in the file keep what customers have', async (t) => {
  const { client, ctx, run } = await setUp(t);
  const { id } = await client.createCustomer(ctx, {
    number: '1',
    name: 'Acme',
    country: 'AT',
    currency: 'EUR',
    city: 'Graz',
  });

  await run('number,name\n1,Acme Ltd\n2,Globex\n', { country: 'GB', currency: 'GBP' });

  const { name, city, country } = await client.getCustomer(ctx, { id });
  assert.deepEqual([name, city, country], ['Acme Ltd', 'Graz', 'GB']);
});

test('a file in another encoding than it began with fails as a whole, and says why', async (t) => {
  const { run } = await setUp(t);
  const good = Array.from({ length: 6_000 }, (_, n) => `${n};Näme ${n};AT;EUR;30\n`).join('');

  const found = await run(
    Buffer.concat([Buffer.from(`${header}\n${good}`), Buffer.from([0xe4, 0x0a])]),
  );

  assert.equal(found.state, 'failed');
  assert.match(found.reason ?? '', /utf-8/u);
});

test('an import is started once, with columns that are there, by its own tenant', async (t) => {
  const { client, ctx, upload } = await setUp(t);
  const { id, mapping } = await upload(`${header}\n1;Acme;AT;EUR;30\n`);
  const other = testCtx({ tenant: tenantB, permissions });
  const start = (more = {}) =>
    client.startCustomersImport(ctx, { id, mapping, defaults: {}, ...more });

  await assert.rejects(start({ mapping: { number: 'number', name: 'nome' } }), {
    code: 'customers.bad_mapping',
  });
  await assert.rejects(client.getCustomersImport(other, { id }), {
    code: 'customers.unknown_import',
  });
  const starts = await Promise.allSettled([start(), start()]);
  assert.deepEqual(starts.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('a file without two columns is refused at once', async (t) => {
  const { upload } = await setUp(t);

  for (const content of ['', 'one column\n1\n', '%PDF-1.7']) {
    await assert.rejects(upload(content));
  }
});

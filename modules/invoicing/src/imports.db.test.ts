import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';

import { eventually, openDatabase } from '@plinth/testing';

import { countsOf, eventsOf } from './fixture-table.ts';
import type { ImportSettings } from './import-document.ts';
import { ctxOf, invoicingMigrations, startInvoicing, tenant } from './invoicing-fixture.ts';
import { wholesaler } from './wholesaler.ts';

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: invoicingMigrations });
  const ctx = ctxOf();
  const started = startInvoicing(database);
  const { client, blobs, jobs, newId } = started;
  await jobs.start({ queues: { default: 1 } });
  t.after(() => jobs.drain(500));

  async function upload(text: string | Uint8Array, fileName = 'history.csv') {
    const blob = `${tenant}/imports/${newId()}`;
    await blobs.put(blob, Buffer.from(text), { tenant, type: 'text/csv', bytesMax: 2 ** 28 });
    return client.uploadImport(ctx, { blob, fileName });
  }
  async function run(id: string, settings: ImportSettings, mode: 'check' | 'book' = 'book') {
    await client.runImport(ctx, { id, mode, settings });
    return eventually(
      async () => {
        const done = await client.getImport(ctx, { id });
        return done.state === 'running' ? false : done;
      },
      { withinMs: 60_000 },
    ).then((done) => {
      assert(done !== false);
      return done;
    });
  }
  return { ...started, database, ctx, upload, run };
}

const settings: ImportSettings = { ...wholesaler.invoices.settings, settledBefore: null };
const header = 'invoice,date,customer,total_gbp';

test("the wholesaler's 18,532 invoices come to GBP 8,911,407.90, settled but for the last 60 days", async (t) => {
  const { client, ctx, database, run, upload } = await setUp(t);
  const { id, suggested, preview } = await upload(await readFile(wholesaler.invoices.file));

  const done = await run(id, wholesaler.invoices.settings);

  assert.equal(suggested, 'invoice-rows');
  assert.deepEqual(preview[0], ['536365', '2010-12-01', '17850', '139.12']);
  assert.deepEqual([done.state, done.failure, done.errors], ['done', null, []]);
  assert.deepEqual(done.counts, {
    rows: 18_532,
    badRows: 0,
    documents: 18_532,
    creditNotes: 0,
    known: 0,
    newCustomers: 4_338,
  });
  const { sums, total } = await client.summarizeInvoices(ctx, {});
  assert.equal(total.n, 18_532);
  assert.equal(sums?.[0]?.amounts['grossMinor'], 891_140_790);
  const open = await client.summarizeInvoices(ctx, { f: ['status:in:open'] });
  const recent = await client.summarizeInvoices(ctx, { f: ['issueDate:after:2011-10-09'] });
  assert.equal(open.total.n, recent.total.n);
  assert.equal(open.sums?.[0]?.amounts['openMinor'], recent.sums?.[0]?.amounts['grossMinor']);
  assert.deepEqual(
    (await database.many(ctx, countsOf, { series: 'imported' })).map(({ year }) => year),
    [2010, 2011],
  );

  const again = await run(id, wholesaler.invoices.settings);
  assert.deepEqual([again.counts.documents, again.counts.known], [0, 18_532]);
  const events = await database.many(ctx, eventsOf, { tenant });
  assert.deepEqual(events, [
    { name: 'invoicing.import-finished', count: 2 },
    { name: 'invoicing.invoice-issued', count: 18_532 },
  ]);
});

test('the 999 raw lines are 65 documents, and the one bad line is told with its place and reason', async (t) => {
  const { client, ctx, run, upload } = await setUp(t);
  const { id } = await upload(await readFile(wholesaler.lines.file));

  const checked = await run(id, wholesaler.lines.settings, 'check');
  const none = await client.listInvoices(ctx, {});
  const { counts, errors } = await run(id, wholesaler.lines.settings);

  assert.equal(none.total.n, 0);
  assert.deepEqual(checked.counts, counts);
  assert.deepEqual(checked.errors, errors);
  assert.deepEqual(
    [counts.rows, counts.badRows, counts.documents, counts.creditNotes],
    [999, 1, 65, 4],
  );
  assert.deepEqual(errors, [
    { line: 624, column: 'CustomerID', value: '', code: 'empty', reason: 'is required' },
    { line: 624, column: 'Description', value: '', code: 'empty', reason: 'is required' },
    {
      line: 624,
      column: 'UnitPrice',
      value: '0',
      code: 'zero',
      reason: 'is 0, and nothing says what for',
    },
  ]);
  const rejects = await Array.fromAsync(client.exportImportRejects(ctx, { id }));
  assert.deepEqual(rejects, [
    {
      InvoiceNo: '536414',
      StockCode: '22139',
      Description: '',
      Quantity: '56',
      InvoiceDate: '12/1/10 11:52',
      UnitPrice: '0',
      CustomerID: '',
      Country: 'United Kingdom',
    },
  ]);
  const { sums } = await client.summarizeInvoices(ctx, { f: ['kind:in:invoice'] });
  const lines = await Array.fromAsync(client.exportInvoices(ctx, { f: ['kind:in:credit-note'] }));
  assert.equal(sums?.[0]?.currency, 'GBP');
  assert(lines.every(({ grossMinor, openMinor }) => grossMinor < 0 && openMinor === grossMinor));
});

const rowOf = (n: number, total: string) => `N${n},2011-0${1 + (n % 9)}-11,C${n % 500},${total}`;

test('of 100,000 rows with 40 bad ones 99,960 are booked, and the mended 40 after them', async (t) => {
  const { client, ctx, run, upload } = await setUp(t);
  const bad = new Set(Array.from({ length: 40 }, (_, index) => index * 2_500 + 7));
  const rows = Array.from({ length: 100_000 }, (_, n) =>
    rowOf(n, bad.has(n) ? '12a' : `${n + 1}.50`),
  );
  const { id } = await upload([header, ...rows].join('\n'));

  const done = await run(id, settings);

  assert.deepEqual([done.counts.documents, done.counts.badRows], [99_960, 40]);
  assert.equal(done.errors.length, 40);
  assert.deepEqual(done.errors[0], {
    line: 9,
    column: 'total_gbp',
    value: '12a',
    code: 'not_number',
    reason: 'is not a number',
  });
  const rejects = await Array.fromAsync(client.exportImportRejects(ctx, { id }));
  const mended = rejects.map((each) => Object.values({ ...each, total_gbp: '1.00' }).join(','));
  const second = await upload([Object.keys(rejects[0] ?? {}).join(','), ...mended].join('\r\n'));
  const { counts } = await run(second.id, settings);
  assert.deepEqual([counts.documents, counts.known, counts.badRows], [40, 0, 0]);
});

const faults: readonly (readonly [string, string, readonly [number, string, string][]])[] = [
  ['a number twice', 'A,2011-01-01,C,1\nA,2011-01-01,C,2', [[3, 'invoice', 'twice']]],
  ['too few fields', 'A,2011-01-01,C', [[2, '', 'field_count']]],
  ['a date that is none', 'A,2011-02-30,C,1', [[2, 'date', 'no_such_date']]],
  ['three decimals of pence', 'A,2011-01-01,C,1.234', [[2, 'total_gbp', 'too_precise']]],
  ['nothing to book', 'A,2011-01-01,C,0', [[2, 'total_gbp', 'zero_total']]],
  ['a credit note above 0', 'C1,2011-01-01,C,1', [[2, 'total_gbp', 'sign']]],
  ['an open quote', 'A,2011-01-01,"C,1', [[2, '', 'unterminated_quote']]],
];
test('each fault of a row is told with its line, column and code, and books nothing', async (t) => {
  const { run, upload } = await setUp(t);

  for (const [what, rows, expected] of faults) {
    const { id } = await upload(`${header}\n${rows}\n`);
    const { errors } = await run(id, settings, 'check');
    assert.deepEqual(
      errors.map(({ line, column, code }) => [line, column, code]),
      expected,
      what,
    );
  }
});

test('an import that waits or runs is not begun again', async (t) => {
  const { client, ctx, database, handlers, jobs, upload, run } = await setUp(t);
  const { id } = await upload(`${header}\nA,2011-01-01,C,1\n`);
  await jobs.admin.pause('default', ctx.actor, 'a test');
  await client.runImport(ctx, { id, mode: 'book', settings });

  const again = database.write(ctx, ({ context }) =>
    handlers.runImport({ ...ctx, unitOfWork: context.unitOfWork }, { id, mode: 'book', settings }),
  );

  await assert.rejects(again, { code: 'invoicing.import_running' });
  await jobs.admin.resume('default', ctx.actor);
  await eventually(async () => (await client.getImport(ctx, { id })).state === 'done');
  assert.equal((await run(id, settings)).counts.known, 1);
});

test('a file that is no table is refused, and one that breaks off fails with the reason', async (t) => {
  const { client, ctx, run, upload } = await setUp(t);

  await assert.rejects(upload('hello'), { code: 'invoicing.not_csv' });
  const { id } = await upload(`${header}\n`);
  await assert.rejects(
    client.runImport(ctx, { id, mode: 'book', settings: { ...settings, mapping: 'line-rows' } }),
    { code: 'invoicing.columns_missing' },
  );
  const broken = Buffer.concat([
    Buffer.from(`${header}\n${'A,2011-01-01,C,1\n'.repeat(5_000)}`),
    Buffer.from([0xff, 0xfe, 0xfd]),
  ]);
  const cut = await upload(broken);
  const { state, failure } = await run(cut.id, settings, 'check');
  assert.equal(state, 'failed');
  assert.match(failure ?? '', /utf-8/u);
});

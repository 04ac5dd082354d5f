import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { openDatabase } from '@plinth/testing';

import { archiveCustomer } from './fixture-table.ts';
import {
  ctxOf,
  invoicingMigrations,
  line,
  otherTenant,
  startInvoicing,
  today,
} from './invoicing-fixture.ts';

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: invoicingMigrations });
  const ctx = ctxOf();
  const started = startInvoicing(database);
  const customerId = await started.makeCustomer(ctx);
  const draft = (...prices: number[]) =>
    started.client.createDraft(ctx, { customerId, lines: prices.map((price) => line(price)) });
  const issue = async (...prices: number[]) =>
    started.client.issueInvoice(ctx, { id: (await draft(...prices)).id });
  return { ...started, database, ctx, customerId, draft, issue };
}

test('a draft takes terms and currency of its customer, and its totals by rate', async (t) => {
  const { client, ctx, customerId, draft } = await setUp(t);

  const made = await draft(1_000, 333);

  const { id, version, updatedAt, createdAt } = made;
  assert.deepEqual(made, {
    id,
    version,
    updatedAt,
    createdAt,
    kind: 'invoice',
    number: null,
    series: null,
    status: 'draft',
    customerId,
    customerName: 'Acme',
    issueDate: today,
    dueDate: '2026-01-29',
    termDays: 14,
    currency: 'EUR',
    netMinor: 1_333,
    taxMinor: 253,
    grossMinor: 1_586,
    paidMinor: 0,
    creditedMinor: 0,
    openMinor: 1_586,
    reference: null,
    note: null,
    internalNote: null,
    reason: null,
    issuedAt: null,
    payments: [],
    creditNotes: [],
    credits: null,
    taxes: [{ taxPpm: 190_000, netMinor: 1_333, taxMinor: 253 }],
    lines: [1_000, 333].map((unitPriceMinor, index) => ({
      position: index + 1,
      description: 'Tea',
      quantity: '1',
      unit: null,
      unitPriceMinor,
      taxPpm: 190_000,
      netMinor: unitPriceMinor,
    })),
  });
  assert.deepEqual(await client.getInvoice(ctx, { id }), made);
});

test('a change of a draft keeps what it does not name, and moves the due date along', async (t) => {
  const { client, ctx, draft } = await setUp(t);
  const { id, version } = await draft(1_000);

  const changed = await client.changeDraft(ctx, {
    id,
    version,
    issueDate: '2026-02-01',
    note: 'x',
  });
  const shorter = await client.changeDraft(ctx, { id, lines: [line(5, '2')] });

  assert.equal(changed.dueDate, '2026-02-15');
  assert.equal(changed.lines.length, 1);
  assert.deepEqual([shorter.netMinor, shorter.note], [10, 'x']);
  await assert.rejects(client.changeDraft(ctx, { id, version, note: 'y' }), {
    code: 'http.stale_version',
    kind: 'stale',
    context: { current: shorter.version },
  });
});

test('bad terms are refused with their field', async (t) => {
  const { client, ctx, customerId, database, newId } = await setUp(t);
  const create = (input: object) => client.createDraft(ctx, { customerId, lines: [], ...input });

  await assert.rejects(create({ customerId: newId() }), { code: 'invoicing.unknown_customer' });
  await assert.rejects(create({ currency: 'XYZ' }), { code: 'invoicing.bad_currency' });
  await assert.rejects(create({ dueDate: '2026-01-14' }), { code: 'invoicing.bad_dates' });
  await assert.rejects(create({ dueDate: '2027-01-16' }), { code: 'invoicing.bad_dates' });
  await assert.rejects(create({ lines: [line(1_000_000_000_000, '999999999999')] }), {
    code: 'invoicing.bad_amount',
  });
  await assert.rejects(create({ lines: [line(1, '1.1234567')] }), { code: 'rpc.bad_input' });
  await database.run(ctx, archiveCustomer, { id: customerId });
  await assert.rejects(create({}), { code: 'invoicing.unknown_customer' });
});

test('an issued invoice has a number and days, and does not change any more', async (t) => {
  const { client, ctx, draft } = await setUp(t);
  const { id } = await draft(1_000);

  const issued = await client.issueInvoice(ctx, { id });

  assert.deepEqual(
    [issued.number, issued.status, issued.issueDate, issued.dueDate],
    ['INV-2026-000001', 'issued', '2026-01-15', '2026-01-29'],
  );
  const denied = { code: 'invoicing.not_draft' };
  await assert.rejects(client.changeDraft(ctx, { id, note: 'x' }), denied);
  await assert.rejects(client.deleteDraft(ctx, { id }), denied);
  await assert.rejects(client.issueInvoice(ctx, { id }), denied);
});

test('a draft that cannot be issued names all that blocks it', async (t) => {
  const { client, ctx, draft } = await setUp(t);
  const empty = await draft();
  const negative = await draft(-5);

  await assert.rejects(
    client.issueInvoice(ctx, { id: empty.id, issueDate: '2026-01-17' }),
    (error: { code: string; fields: { code: string }[] }) =>
      error.code === 'invoicing.not_issuable' &&
      error.fields.map(({ code }) => code).join() === 'empty,in_future',
  );
  await assert.rejects(client.issueInvoice(ctx, { id: negative.id }), {
    code: 'invoicing.not_issuable',
  });
});

test('a deleted draft is gone', async (t) => {
  const { client, ctx, draft } = await setUp(t);
  const { id, version } = await draft(1_000);

  await client.deleteDraft(ctx, { id, version });

  await assert.rejects(client.getInvoice(ctx, { id }), { code: 'invoicing.unknown' });
});

test('voiding writes a credit note over everything, in a series of its own', async (t) => {
  const { client, ctx, issue } = await setUp(t);
  const { id } = await issue(1_000, 333);

  const { invoice, creditNote } = await client.voidInvoice(ctx, { id, reason: 'wrong customer' });

  assert.deepEqual(
    [invoice.status, invoice.openMinor, invoice.creditedMinor],
    ['voided', 0, 1_586],
  );
  assert.deepEqual(
    [creditNote.number, creditNote.grossMinor, creditNote.status, creditNote.reason],
    ['CN-2026-000001', -1_586, 'settled', 'wrong customer'],
  );
  assert.deepEqual(creditNote.credits, { id, number: 'INV-2026-000001' });
  assert.deepEqual(
    invoice.creditNotes.map(({ number }) => number),
    ['CN-2026-000001'],
  );
  await assert.rejects(client.voidInvoice(ctx, { id, reason: 'again' }), {
    code: 'invoicing.not_creditable',
  });
});

test('a credit by line takes off that much, and never a quantity twice', async (t) => {
  const { client, ctx, issue } = await setUp(t);
  const { id } = await issue(1_000, 500);
  const credit = (position: number, quantity?: string) =>
    client.creditInvoice(ctx, { id, reason: 'returned', lines: [{ position, quantity }] });

  const { invoice } = await credit(1, '0.25');

  assert.deepEqual([invoice.creditedMinor, invoice.status], [298, 'issued']);
  await assert.rejects(credit(1, '0.76'), { code: 'invoicing.credit_exceeds' });
  const rest = await client.creditInvoice(ctx, { id, reason: 'all of it' });
  assert.deepEqual([rest.invoice.openMinor, rest.invoice.status], [0, 'voided']);
});

test('a duplicate is a draft of today with the same lines; of a credit note, what it took off', async (t) => {
  const { client, ctx, issue } = await setUp(t);
  const { id } = await issue(1_000);
  const { creditNote } = await client.voidInvoice(ctx, { id, reason: 'x' });

  const copies = await Promise.all(
    [id, creditNote.id].map((each) => client.duplicateInvoice(ctx, { id: each })),
  );

  assert.deepEqual(
    copies.map(({ status, grossMinor, issueDate }) => [status, grossMinor, issueDate]),
    [
      ['draft', 1_190, today],
      ['draft', 1_190, today],
    ],
  );
});

test('the list filters by what is overdue, searches, sums and exports', async (t) => {
  const { client, ctx, customerId, draft, issue } = await setUp(t);
  await draft(1);
  await issue(100);
  const { id } = await client.createDraft(ctx, {
    customerId,
    issueDate: '2025-12-01',
    dueDate: '2025-12-01',
    reference: 'PO 4711',
    lines: [line(200)],
  });
  await client.issueInvoice(ctx, { id, issueDate: '2025-12-01' });
  const find = async (...f: string[]) =>
    (await client.listInvoices(ctx, { f, sort: 'number' })).items.map(({ number }) => number);

  assert.deepEqual(await find('status:in:overdue'), ['INV-2025-000001']);
  assert.deepEqual(await find('status:in:open'), ['INV-2025-000001', 'INV-2026-000001']);
  assert.deepEqual(await find('q:contains:po 47'), ['INV-2025-000001']);
  assert.deepEqual(await find('customerName:contains:cme', 'status:in:draft'), [null]);
  assert.deepEqual(await find('number:starts:INV-2025'), ['INV-2025-000001']);
  const { sums } = await client.summarizeInvoices(ctx, { f: ['status:in:open'] });
  assert.deepEqual(sums, [
    { currency: 'EUR', amounts: { netMinor: 300, grossMinor: 357, openMinor: 357 } },
  ]);
  const rows = await Array.fromAsync(client.exportInvoices(ctx, { sort: '-grossMinor' }));
  assert.deepEqual(
    rows.map(({ grossMinor }) => grossMinor),
    [238, 119, 1],
  );
});

test('a series tells its next number, and counts apart from the others', async (t) => {
  const { client, ctx, issue } = await setUp(t);
  await issue(100);

  const { items } = await client.listSeries(ctx, {});

  assert.deepEqual(
    items.map(({ code, issued, next }) => [code, issued, next]),
    [
      ['INV', 1, 'INV-2026-000002'],
      ['CN', 0, 'CN-2026-000001'],
      ['imported', 0, null],
    ],
  );
});

test("a tenant neither sees nor changes another's documents", async (t) => {
  const { client, ctx, draft, issue } = await setUp(t);
  const { id } = await draft(1_000);
  const issued = await issue(500);
  const other = ctxOf(otherTenant);
  const gone = { code: 'invoicing.unknown' };

  await assert.rejects(client.getInvoice(other, { id }), gone);
  await assert.rejects(client.changeDraft(other, { id, note: 'x' }), gone);
  await assert.rejects(client.deleteDraft(other, { id }), gone);
  await assert.rejects(client.issueInvoice(other, { id }), gone);
  await assert.rejects(client.duplicateInvoice(other, { id }), gone);
  await assert.rejects(client.voidInvoice(other, { id: issued.id, reason: 'x' }), gone);
  assert.equal((await client.listInvoices(other, {})).total.n, 0);
  assert.equal((await client.getInvoice(ctx, { id: issued.id })).status, 'issued');
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { invoicing } from '@plinth/invoicing';
import type { Messaging } from '@plinth/messaging';
import { payments } from '@plinth/payments';
import { openDatabase, testCtx } from '@plinth/testing';

import { books, customersMigrations, startCustomers, tenantA } from './customers-fixture.ts';
import { recountTenant } from './module.ts';

const invoiceFacts = {
  kind: 'invoice',
  status: 'issued',
  number: 'T-1',
  issueDate: '2026-01-01',
  dueDate: '2026-02-01',
  netMinor: 0,
  taxMinor: 0,
  grossMinor: 0,
  paidMinor: 0,
  creditedMinor: 0,
  openMinor: 0,
} as const;
const paymentFacts = {
  number: 'P-1',
  receivedOn: '2026-01-10',
  method: 'transfer',
  amountMinor: 1,
  allocatedMinor: 0,
  refundedMinor: 0,
  unallocatedMinor: 0,
} as const;

async function setUp(t: TestContext) {
  let messaging: Messaging | undefined;
  // Registered first: it runs before the database is closed.
  t.after(() => messaging?.drain(500));
  const database = await openDatabase(t, { migrations: customersMigrations });
  const parts = startCustomers(database);
  messaging = parts.messaging;
  await messaging.start();
  const ctx = testCtx({ tenant: tenantA, permissions: ['customers.read', 'customers.write'] });
  const { id } = await parts.client.createCustomer(ctx, {
    name: 'Acme',
    country: 'AT',
    currency: 'EUR',
  });
  const facts = { customerId: id, customerName: 'Acme', version: 1, currency: 'EUR' };
  /** Events say which documents to look at; what they were like is not asked for. */
  const tell = async (documents: { invoices?: string[]; payments?: string[] }) => {
    await database.write(ctx, async (tx) => {
      const { outbox } = parts.messaging;
      for (const invoiceId of documents.invoices ?? []) {
        outbox.publish(tx, invoicing.events.invoiceBalanceChanged, {
          ...facts,
          ...invoiceFacts,
          invoiceId,
        });
      }
      for (const paymentId of documents.payments ?? []) {
        outbox.publish(tx, payments.events.paymentBalanceChanged, {
          ...facts,
          ...paymentFacts,
          paymentId,
        });
      }
    });
    await parts.messaging.settled(AbortSignal.timeout(10_000));
  };
  const inList = async () => {
    const [row] = (await parts.client.customerRows(ctx, { ids: [id] })).items;
    return [row?.balanceMinor, row?.overdueMinor];
  };
  const balances = async () => (await parts.client.getBalances(ctx, { id })).items;
  return { ...parts, database, ctx, id, tell, inList, balances, books: books(database) };
}

test('a balance follows invoices from issue to settlement', async (t) => {
  const { ctx, id, tell, inList, balances, books: book } = await setUp(t);
  const first = await book.invoice(ctx, { customerId: id, gross: 1_000 });
  const second = await book.invoice(ctx, { customerId: id, gross: 500, due: '2026-01-14' });

  await tell({ invoices: [first, second] });
  assert.deepEqual(await inList(), [1_500, 500]);
  await book.pay(ctx, second, 500);
  await book.pay(ctx, first, 400);
  await tell({ invoices: [first, second] });

  assert.deepEqual(await inList(), [600, 0]);
  assert.deepEqual(await balances(), [
    {
      currency: 'EUR',
      openMinor: 600,
      creditMinor: 0,
      balanceMinor: 600,
      overdueMinor: 0,
      openInvoices: 1,
      overdueInvoices: 0,
    },
  ]);
});

test('an event that comes twice, or late, changes nothing', async (t) => {
  const { ctx, id, tell, inList, books: book } = await setUp(t);
  const invoice = await book.invoice(ctx, { customerId: id, gross: 1_000 });

  await tell({ invoices: [invoice] });
  await tell({ invoices: [invoice] });
  await tell({ invoices: [invoice, invoice] });

  assert.deepEqual(await inList(), [1_000, 0]);
});

test('what is paid and not allocated is the customer’s credit', async (t) => {
  const { ctx, id, tell, inList, balances, books: book } = await setUp(t);
  const invoice = await book.invoice(ctx, { customerId: id, gross: 1_000 });
  const payment = await book.payment(ctx, id, 300);

  await tell({ invoices: [invoice], payments: [payment] });

  assert.deepEqual(await inList(), [700, 0]);
  const [{ openMinor, creditMinor, openInvoices } = assert.fail()] = await balances();
  assert.deepEqual([openMinor, creditMinor, openInvoices], [1_000, 300, 1]);
});

test('a balance in another currency stands beside the customer’s own', async (t) => {
  const { client, ctx, id, tell, inList, balances, books: book } = await setUp(t);
  const dollars = await book.invoice(ctx, { customerId: id, gross: 900, currency: 'USD' });

  await tell({ invoices: [dollars] });

  assert.deepEqual(await inList(), [0, 0]);
  assert.deepEqual(
    (await balances()).map(({ currency, balanceMinor }) => [currency, balanceMinor]),
    [['USD', 900]],
  );
  await client.changeCustomer(ctx, { id, currency: 'USD' });
  assert.deepEqual(await inList(), [900, 0]);
});

test('a recount gives what the events gave', async (t) => {
  const { needs, ctx, id, tell, inList, balances, books: book } = await setUp(t);
  const invoices = await Promise.all(
    [100, 200, 300].map((gross, n) =>
      book.invoice(ctx, { customerId: id, gross, due: n === 0 ? '2026-01-14' : '2026-01-15' }),
    ),
  );
  const payment = await book.payment(ctx, id, 50);
  await tell({ invoices, payments: [payment] });
  const before = [await inList(), await balances()];

  await recountTenant(needs, ctx);

  assert.deepEqual(before[0], [550, 100]);
  assert.deepEqual([await inList(), await balances()], before);
});

test('a statement runs from the opening balance to the closing one', async (t) => {
  const { client, ctx, id, books: book } = await setUp(t);
  await book.invoice(ctx, { customerId: id, gross: 1_000 });
  await book.payment(ctx, id, 300);
  const of = (from: string, to: string) =>
    client.getStatement(ctx, { id, currency: 'EUR', from, to });

  const whole = await of('2026-01-01', '2026-01-31');
  const late = await of('2026-01-05', '2026-01-31');

  assert.deepEqual(
    whole.lines.map(({ kind, amountMinor, balanceMinor }) => [kind, amountMinor, balanceMinor]),
    [
      ['invoice', 1_000, 1_000],
      ['payment', -300, 700],
    ],
  );
  assert.deepEqual([whole.openingMinor, whole.closingMinor], [0, 700]);
  assert.deepEqual([late.openingMinor, late.closingMinor, late.lines.length], [1_000, 700, 1]);
  const { closingMinor } = await client.getStatement(ctx, {
    id,
    currency: 'USD',
    from: '2026-01-01',
    to: '2026-01-31',
  });
  assert.equal(closingMinor, 0);
});

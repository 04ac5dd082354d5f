import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Ctx } from '@plinth/core';
import { openDatabase, testCtx } from '@plinth/testing';

import { loadAllocation, sequencesOf } from './fixture-table.ts';
import { paymentsMigrations, startPayments, type InvoiceInput } from './payments-fixture.ts';

const tenant = '01900000-0000-7000-8000-00000000000a';
const permissions = ['payments.read', 'payments.write', 'exports.all'];

async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: paymentsMigrations });
  const ctx = testCtx({ tenant, permissions });
  const started = startPayments(database);
  const customerId = await started.makeCustomer(ctx);
  const invoice = (grossMinor: number, input: Partial<InvoiceInput> = {}) =>
    started.makeInvoice(ctx, { customerId, grossMinor, ...input });
  const record = (amountMinor: number, more: object = {}) =>
    started.client.recordPayment(ctx, {
      customerId,
      receivedOn: '2026-01-15',
      currency: 'EUR',
      amountMinor,
      method: 'transfer',
      ...more,
    });
  return { ...started, database, ctx, customerId, invoice, record };
}

async function startMessaging(
  t: TestContext,
  { messaging }: Pick<Awaited<ReturnType<typeof setUp>>, 'messaging'>,
): Promise<void> {
  await messaging.start();
  t.after(() => messaging.drain(500));
}

const openOf = async (
  client: Awaited<ReturnType<typeof setUp>>['client'],
  ctx: Ctx,
  customerId: string,
) => (await client.listOpenItems(ctx, { customerId })).items.map(({ openMinor }) => openMinor);

test('a payment recorded oldest first pays by due date, and keeps the rest as credit', async (t) => {
  const { client, ctx, customerId, invoice, record } = await setUp(t);
  const late = await invoice(600, { dueDate: '2026-03-01' });
  const early = await invoice(300, { dueDate: '2026-01-20' });

  const payment = await record(1_000, { allocate: { by: 'oldest-first' } });

  assert.deepEqual(
    payment.allocations.map(({ invoiceId, amountMinor }) => [invoiceId, amountMinor]),
    [
      [early, 300],
      [late, 600],
    ],
  );
  assert.equal(payment.unallocatedMinor, 100);
  assert.equal(payment.status, 'open');
  assert.equal(payment.number, 'PAY-000001');
  assert.deepEqual(await client.listOpenItems(ctx, { customerId }), {
    items: [],
    more: false,
    credits: [{ currency: 'EUR', unallocatedMinor: 100 }],
  });
});

test('typed amounts, taken back in part, leave invoices and payment as they were', async (t) => {
  const { client, ctx, customerId, invoice, record } = await setUp(t);
  const [a, b] = [await invoice(500), await invoice(500)];
  const { id } = await record(800);
  const items = [
    { invoiceId: a, amountMinor: 500 },
    { invoiceId: b, amountMinor: 100 },
  ];

  const spread = await client.allocatePayment(ctx, { id, allocate: { by: 'amounts', items } });
  const back = await client.unallocatePayment(ctx, { id, invoiceIds: [a] });

  assert.equal(spread.unallocatedMinor, 200);
  assert.equal(back.unallocatedMinor, 700);
  assert.deepEqual(
    back.allocations.map(({ invoiceId }) => invoiceId),
    [b],
  );
  assert.deepEqual(
    (await openOf(client, ctx, customerId)).toSorted((x, y) => x - y),
    [400, 500],
  );
});

test('fifty allocations at once to one invoice never take more than is open', async (t) => {
  const { client, ctx, customerId, invoice, record } = await setUp(t);
  const invoiceId = await invoice(1_000);
  const paid = await Promise.all(Array.from({ length: 50 }, () => record(100)));

  const results = await Promise.allSettled(
    paid.map(({ id }) =>
      client.allocatePayment(ctx, {
        id,
        allocate: { by: 'amounts', items: [{ invoiceId, amountMinor: 100 }] },
      }),
    ),
  );

  const codes = results.map((each) => (each.status === 'fulfilled' ? 'ok' : each.reason.code));
  assert.equal(codes.filter((code) => code === 'ok').length, 10);
  assert.equal(codes.filter((code) => code === 'payments.exceeds_open').length, 40);
  assert.deepEqual(await openOf(client, ctx, customerId), []);
});

test('allocations at once of one payment never take more than it has', async (t) => {
  const { client, ctx, invoice, record } = await setUp(t);
  const invoices = await Promise.all(Array.from({ length: 20 }, () => invoice(100)));
  const { id } = await record(500);

  const results = await Promise.allSettled(
    invoices.map((invoiceId) =>
      client.allocatePayment(ctx, {
        id,
        allocate: { by: 'amounts', items: [{ invoiceId, amountMinor: 100 }] },
      }),
    ),
  );

  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 5);
  assert.equal((await client.getPayment(ctx, { id })).unallocatedMinor, 0);
});

test('another currency, another customer and an unknown invoice are refused with the reason', async (t) => {
  const { client, ctx, invoice, makeCustomer, record, newId } = await setUp(t);
  const dollars = await invoice(100, { currency: 'USD' });
  const foreign = await invoice(100, { customerId: await makeCustomer(ctx) });
  const { id } = await record(1_000);
  const allocate = (invoiceId: string) =>
    client.allocatePayment(ctx, {
      id,
      allocate: { by: 'amounts', items: [{ invoiceId, amountMinor: 1 }] },
    });

  await assert.rejects(allocate(dollars), { code: 'payments.other_currency' });
  await assert.rejects(allocate(foreign), { code: 'payments.other_customer' });
  await assert.rejects(allocate(newId()), { code: 'payments.unknown_invoice' });
});

test('an invoice that was loaded as paid goes on from the sequence that it has', async (t) => {
  const { client, ctx, database, invoice, record } = await setUp(t);
  const invoiceId = await invoice(500);
  const { id } = await record(300);
  await database.run(ctx, loadAllocation, {
    paymentId: id,
    invoiceId,
    amountMinor: 300,
    sequence: 3,
  });

  const { unallocatedMinor } = await client.unallocatePayment(ctx, { id });

  assert.equal(unallocatedMinor, 300);
  const name = 'payments.payment-unallocated';
  assert.deepEqual(await database.many(ctx, sequencesOf, { name }), [{ sequence: 4 }]);
});

test('a refund takes credit only, and all of it refunds the payment', async (t) => {
  const { client, ctx, invoice, record } = await setUp(t);
  await invoice(300);
  const { id } = await record(1_000, { allocate: { by: 'oldest-first' } });
  const refund = (amountMinor: number) =>
    client.refundPayment(ctx, { id, amountMinor, refundedOn: '2026-01-15', reason: 'twice paid' });

  await assert.rejects(refund(701), { code: 'payments.exceeds_payment' });
  const refunded = await refund(700);

  assert.equal(refunded.status, 'allocated');
  assert.equal(refunded.unallocatedMinor, 0);
  assert.deepEqual(
    refunded.refunds.map(({ amountMinor, reason }) => [amountMinor, reason]),
    [[700, 'twice paid']],
  );
  const whole = await record(50);
  const back = await client.refundPayment(ctx, {
    id: whole.id,
    amountMinor: 50,
    refundedOn: '2026-01-15',
    reason: 'not ours',
  });
  assert.equal(back.status, 'refunded');
});

test('bad input is refused before anything is written', async (t) => {
  const { client, ctx, record, newId } = await setUp(t);

  await assert.rejects(record(100, { currency: 'XYZ' }), { code: 'payments.bad_currency' });
  await assert.rejects(record(100, { receivedOn: '2026-01-17' }), { code: 'payments.bad_date' });
  await assert.rejects(record(100, { customerId: newId() }), {
    code: 'payments.unknown_customer',
  });
  await assert.rejects(record(0), { code: 'rpc.bad_input' });
  assert.equal((await client.listPayments(ctx, {})).total.n, 0);
});

test('a version that is not the present one is stale, and names the present one', async (t) => {
  const { client, ctx, record } = await setUp(t);
  const { id, version } = await record(100);
  const refund = { id, amountMinor: 10, refundedOn: '2026-01-15', reason: 'x' };

  const { version: present } = await client.refundPayment(ctx, { ...refund, version });

  await assert.rejects(client.refundPayment(ctx, { ...refund, version }), {
    code: 'http.stale_version',
    kind: 'stale',
    context: { current: present },
  });
});

test("a tenant neither sees nor changes another's payments", async (t) => {
  const { client, invoice, record } = await setUp(t);
  const invoiceId = await invoice(100);
  const { id } = await record(100);
  const other = testCtx({ tenant: '01900000-0000-7000-8000-00000000000b', permissions });

  await assert.rejects(client.getPayment(other, { id }), { code: 'payments.unknown' });
  await assert.rejects(
    client.allocatePayment(other, {
      id,
      allocate: { by: 'amounts', items: [{ invoiceId, amountMinor: 1 }] },
    }),
    { code: 'payments.unknown' },
  );
  assert.equal((await client.listPayments(other, {})).total.n, 0);
});

test('an opening payment settles an invoice that came paid, once for an event sent twice', async (t) => {
  const { client, ctx, customerId, messaging, newId, tell } = await setUp(t);
  await startMessaging(t, { messaging });
  const opening = { paidOn: '2025-12-31', amountMinor: 900 };
  const invoice = { invoiceId: newId(), customerId, grossMinor: 900, paidMinor: 900, opening };

  await tell(ctx, 'invoiceIssued', invoice);
  await tell(ctx, 'invoiceIssued', invoice);

  const { items } = await client.listPayments(ctx, {});
  assert.deepEqual(
    items.map(({ method, receivedOn, amountMinor, status }) => [
      method,
      receivedOn,
      amountMinor,
      status,
    ]),
    [['opening', '2025-12-31', 900, 'allocated']],
  );
});

test('a credit note over a paid invoice turns the newest payments into credit', async (t) => {
  const { client, ctx, customerId, invoice, messaging, record, tell } = await setUp(t);
  await startMessaging(t, { messaging });
  const invoiceId = await invoice(1_000);
  const first = await record(600, { allocate: { by: 'oldest-first' } });
  const second = await record(400, { allocate: { by: 'oldest-first' } });

  const change = { invoiceId, customerId, grossMinor: 1_000, paidMinor: 1_000 };
  await tell(ctx, 'invoiceBalanceChanged', { ...change, creditedMinor: 500, version: 2 });

  const [one, two] = await Promise.all(
    [first, second].map(({ id }) => client.getPayment(ctx, { id })),
  );
  assert.deepEqual([one?.unallocatedMinor, two?.unallocatedMinor], [100, 400]);
  // A fact that is older changes nothing.
  await tell(ctx, 'invoiceBalanceChanged', { ...change, creditedMinor: 1_000, version: 1 });
  assert.equal((await client.getPayment(ctx, { id: first.id })).unallocatedMinor, 100);
});

test('the list finds payments by number, name and reference, and adds up a currency each', async (t) => {
  const { client, ctx, record } = await setUp(t);
  await record(100, { reference: 'RE 4711' });
  await record(250);
  await record(7, { currency: 'USD' });
  const find = async (...f: string[]) =>
    (await client.listPayments(ctx, { f })).items.map(({ number }) => number);

  assert.deepEqual(await find('q:contains:4711'), ['PAY-000001']);
  assert.deepEqual((await find('q:contains:acme')).length, 3);
  assert.deepEqual(await find('amountMinor:gte:200'), ['PAY-000002']);
  const { sums } = await client.summarizePayments(ctx, {});
  assert.deepEqual(
    sums?.map(({ currency, amounts }) => [currency, amounts['amountMinor']]),
    [
      ['EUR', 350],
      ['USD', 7],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { invoicing } from '@plinth/invoicing';
import fc from 'fast-check';

import { addDays } from './day.ts';
import { insertPayment } from './fixture-table.ts';
import {
  ctxOf,
  customers,
  document,
  newId,
  setUp,
  sumBy,
  today,
  type Document,
} from './reporting-fixture.ts';

const openOf = ({ gross, paid }: Document) => gross - paid;
const dueOf = ({ issueDate, termDays }: Document) => addDays(issueDate, termDays);

const ranges: readonly (readonly [number, number])[] = [
  [1, 30],
  [31, 60],
  [61, 90],
  [91, 9_999],
];

/** What the reports must say of a currency, by going through its documents. */
function recount(documents: readonly Document[], currency: string) {
  const owed = documents
    .filter((each) => each.currency === currency && each.kind === 'invoice' && !each.draft)
    .filter((each) => openOf(each) > 0);
  const late = owed.filter((each) => dueOf(each) < today);
  const ages = ranges.map(([from, to]) => {
    const group = late.filter((each) => daysLate(each) >= from && daysLate(each) <= to);
    return sumBy(group, openOf);
  });
  const debtors = [...new Set(late.map(({ customer }) => customer))].map(
    (customer): [string, number[]] => {
      const [overdue, open] = [late, owed].map((all) =>
        sumBy(
          all.filter((each) => each.customer === customer),
          openOf,
        ),
      );
      return [customer, [overdue ?? 0, open ?? 0]];
    },
  );
  return {
    openMinor: sumBy(owed, openOf),
    invoices: owed.length,
    lateMinor: sumBy(late, openOf),
    late: late.length,
    ages,
    debtors: new Map(debtors),
  };
}

function daysLate(each: Document): number {
  return (Date.parse(today) - Date.parse(dueOf(each))) / 86_400_000;
}

type Client = Awaited<ReturnType<typeof setUp>>['client'];

/** The same, as the reports say it. */
function shown(
  dashboard: Awaited<ReturnType<Client['getDashboard']>>,
  aged: Awaited<ReturnType<Client['agedReceivables']>>,
  currency: string,
) {
  const nothing = {
    receivableMinor: 0,
    receivableInvoices: 0,
    overdueMinor: 0,
    overdueInvoices: 0,
  };
  const tile = dashboard.currencies.find((each) => each.currency === currency);
  const report = aged.currencies.find((each) => each.currency === currency);
  const { receivableInvoices, overdueMinor, overdueInvoices } = tile ?? nothing;
  const debtors = (tile?.topDebtors ?? []).map((each): [string, number[]] => [
    each.customerId,
    [each.overdueMinor, each.openMinor],
  ]);
  assert.equal(tile?.receivableMinor ?? 0, report?.openMinor ?? 0);
  return {
    openMinor: report?.openMinor ?? 0,
    invoices: receivableInvoices,
    lateMinor: overdueMinor,
    late: overdueInvoices,
    ages: report?.buckets.slice(1).map(({ openMinor }) => openMinor) ?? [0, 0, 0, 0],
    debtors: new Map(debtors),
  };
}

test('figures of dashboard and aged report equal a recount of the documents', async (t) => {
  const { client, write } = await setUp(t);

  await fc.assert(
    fc.asyncProperty(fc.array(document, { minLength: 1, maxLength: 80 }), async (documents) => {
      const ctx = ctxOf();
      await write(ctx, documents);

      const dashboard = await client.getDashboard(ctx, { asOf: today });
      const aged = await client.agedReceivables(ctx, { asOf: today });

      for (const currency of ['EUR', 'USD']) {
        assert.deepEqual(shown(dashboard, aged, currency), recount(documents, currency));
      }
      const drafts = documents.filter(({ draft }) => draft).length;
      assert.equal(dashboard.needsYou.drafts, drafts);
    }),
    { numRuns: 25 },
  );
});

test('a company whose books end long ago opens on the last day that has data', async (t) => {
  const { client, write } = await setUp(t);
  const ctx = ctxOf();
  const old = { kind: 'invoice', draft: false, customer: customers[0] ?? '' } as const;
  await write(ctx, [
    { ...old, currency: 'GBP', issueDate: '2011-12-09', termDays: 30, gross: 500, paid: 0 },
    { ...old, currency: 'GBP', issueDate: '2011-10-09', termDays: 30, gross: 300, paid: 0 },
  ]);

  const dashboard = await client.getDashboard(ctx, {});
  const revenue = await client.revenueByMonth(ctx, {});

  assert.equal(dashboard.today, '2011-12-09');
  assert.equal(dashboard.currencies[0]?.overdueMinor, 300);
  assert.deepEqual([revenue.from, revenue.to], ['2011-01-01', '2011-12-09']);
});

test('payments that no invoice took are credit, and what came this month is received', async (t) => {
  const { client, database, write } = await setUp(t);
  const ctx = ctxOf();
  const invoice = { kind: 'invoice', draft: false, customer: customers[0] ?? '' } as const;
  await write(ctx, [
    { ...invoice, currency: 'EUR', issueDate: today, termDays: 30, gross: 500, paid: 0 },
  ]);
  const payment = { amountMinor: 900, unallocatedMinor: 400, status: 'open' };
  await database.run(ctx, insertPayment, { ...payment, id: newId(), receivedOn: today });
  await database.run(ctx, insertPayment, { ...payment, id: newId(), receivedOn: '2025-12-31' });

  const { currencies, needsYou } = await client.getDashboard(ctx, {});

  const [euro] = currencies;
  assert.deepEqual(
    [euro?.creditMinor, euro?.receivedMonthMinor, euro?.receivedMonthBeforeMinor],
    [800, 900, 900],
  );
  assert.equal(needsYou.unallocatedPayments, 2);
});

test('a report is read anew as soon as a document of the tenant has changed', async (t) => {
  const { client, database, messaging, write } = await setUp(t);
  await messaging.start();
  t.after(() => messaging.drain(500));
  const ctx = ctxOf();
  const row = { kind: 'invoice', draft: false, customer: customers[0] ?? '' } as const;
  const invoice = { ...row, currency: 'EUR', issueDate: today, termDays: 30, gross: 500, paid: 0 };
  const receivable = async () =>
    (await client.getDashboard(ctx, {})).currencies[0]?.receivableMinor ?? 0;
  assert.equal(await receivable(), 0);

  await write(ctx, [invoice]);
  const kept = await receivable();
  await database.write(ctx, async (tx) => {
    messaging.outbox.publish(tx, invoicing.events.draftDeleted, {
      invoiceId: newId(),
      customerId: newId(),
      customerName: 'X',
    });
  });
  await messaging.settled(AbortSignal.timeout(10_000));

  assert.equal(kept, 0);
  assert.equal(await receivable(), 500);
});

test("a tenant's reports hold nothing of another's", async (t) => {
  const { client, write } = await setUp(t);
  const row = { kind: 'invoice', draft: false, customer: customers[0] ?? '' } as const;
  await write(ctxOf(), [
    { ...row, currency: 'EUR', issueDate: today, termDays: 30, gross: 500, paid: 0 },
  ]);

  const { currencies } = await client.getDashboard(ctxOf(), {});

  assert.deepEqual(currencies, []);
});

test('what is exported are the figures of the report, a row each', async (t) => {
  const { client, write } = await setUp(t);
  const ctx = ctxOf();
  const row = { kind: 'invoice', draft: false, termDays: 30, paid: 0 } as const;
  const [first = '', second = ''] = customers;
  await write(ctx, [
    { ...row, customer: first, currency: 'EUR', issueDate: '2025-11-20', gross: 500 },
    { ...row, customer: second, currency: 'EUR', issueDate: today, gross: 700 },
    { ...row, customer: second, currency: 'USD', issueDate: today, gross: 900 },
  ]);

  const aged = await Array.fromAsync(client.exportAged(ctx, { currency: 'EUR' }));
  const revenue = await Array.fromAsync(client.exportRevenue(ctx, { currency: 'EUR' }));
  const rates = await Array.fromAsync(client.exportTaxRates(ctx, { currency: 'USD' }));
  const forecast = await Array.fromAsync(client.exportForecast(ctx, {}));

  assert.deepEqual(
    aged.map(({ customerId, fromDays, toDays, openMinor }) => [
      customerId,
      fromDays,
      toDays,
      openMinor,
    ]),
    [
      [second, null, 0, 700],
      [first, 1, 30, 500],
    ],
  );
  assert.deepEqual(
    revenue.map(({ month, grossMinor }) => [month, grossMinor]),
    [
      ['2025-11-01', 500],
      ['2026-01-01', 700],
    ],
  );
  assert.deepEqual(
    rates.map(({ taxPpm, netMinor, taxMinor }) => [taxPpm, netMinor, taxMinor]),
    [
      [0, 360, 0],
      [70_000, 90, 6],
      [190_000, 450, 86],
    ],
  );
  const weeks = await client.cashForecast(ctx, {});
  assert.equal(forecast.length, 2 * weeks.weeks.length);
  assert.deepEqual(forecast[0], {
    currency: weeks.currencies[0]?.currency,
    week: weeks.weeks[0],
    ...weeks.currencies[0]?.weeks[0],
  });
});

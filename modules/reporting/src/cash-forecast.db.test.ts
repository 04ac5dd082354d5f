import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Ctx } from '@plinth/core';
import fc from 'fast-check';

import { addDays, mondayOf } from './day.ts';
import { insertSettled } from './fixture-table.ts';
import { spread } from './forecast.ts';
import { ctxOf, document, newId, setUp, sumBy, today, type Document } from './reporting-fixture.ts';

const monday = mondayOf(today);
const weekOf = (day: string) => (Date.parse(mondayOf(day)) - Date.parse(monday)) / 604_800_000;
const dueOf = ({ issueDate, termDays }: Document) => addDays(issueDate, termDays);

const openOf = ({ gross, paid: taken }: Document) => gross - taken;
/** Issued in the year that ended three months ago. */
const isOld = (issued: string) => issued >= addDays(today, -455) && issued < addDays(today, -91);

interface Paid {
  readonly dueDate: string;
  readonly receivedOn: string;
}

/** An invoice of 100 EUR that one payment settled. */
const paid = fc
  .record({
    dueDaysAgo: fc.integer({ min: 0, max: 300 }),
    lateDays: fc.integer({ min: -20, max: 90 }),
  })
  .map(({ dueDaysAgo, lateDays }): Paid => {
    const dueDate = addDays(today, -dueDaysAgo);
    return { dueDate, receivedOn: addDays(dueDate, Math.min(lateDays, dueDaysAgo)) };
  });

async function setUpPaid(t: Parameters<typeof setUp>[0]) {
  const { database, ...rest } = await setUp(t);
  async function pay(ctx: Ctx, all: readonly Paid[]): Promise<void> {
    await database.run(ctx, insertSettled, {
      invoiceIds: all.map(() => newId()),
      paymentIds: all.map(() => newId()),
      dueDates: all.map(({ dueDate }) => dueDate),
      receivedOn: all.map(({ receivedOn }) => receivedOn),
    });
  }
  return { ...rest, pay };
}

test('the forecast spreads what a recount of the documents finds open, by the payments of the past', async (t) => {
  const { client, write, pay } = await setUpPaid(t);

  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 60 }),
      fc.array(paid, { minLength: 1, maxLength: 20 }),
      async (documents, all) => {
        const ctx = ctxOf();
        await write(ctx, documents);
        await pay(ctx, all);
        const open = documents.filter(
          ({ draft, kind, currency, gross, paid: taken }) =>
            !draft && kind === 'invoice' && currency === 'EUR' && gross > taken,
        );
        const delays = all.map((one) => Math.max(0, weekOf(one.receivedOn) - weekOf(one.dueDate)));

        const { currencies, habits } = await client.cashForecast(ctx, {});

        const euro = currencies.find(({ currency }) => currency === 'EUR');
        assert.equal(euro?.openMinor ?? 0, sumBy(open, openOf));
        assert.equal(habits.payments, all.length);
        const byWeek = Map.groupBy(open, (each) => Math.max(-53, weekOf(dueOf(each))));
        const expected = spread(
          new Map([...byWeek].map(([week, rows]) => [week, sumBy(rows, openOf)])),
          {
            payments: all.length,
            byDelay: Array.from(
              { length: 54 },
              (_, weeks) => delays.filter((one) => one === weeks).length,
            ),
            unpaidShare: unpaidShareOf(documents, all),
          },
          13,
        );
        assert.deepEqual(
          euro?.weeks.map(({ lowMinor, expectedMinor }) => ({ lowMinor, expectedMinor })) ??
            expected,
          expected,
        );
      },
    ),
    { numRuns: 25 },
  );
});

/** The paid ones were issued 30 days before their due date. */
function unpaidShareOf(documents: readonly Document[], all: readonly Paid[]): number {
  const old = documents.filter(
    ({ draft, kind, issueDate }) => !draft && kind === 'invoice' && isOld(issueDate),
  );
  const settled = all.filter(({ dueDate }) => isOld(addDays(dueDate, -30))).length;
  const invoices = old.length + settled;
  return invoices === 0
    ? 0
    : old.filter(({ gross, paid: taken }) => gross > taken).length / invoices;
}

test('what came in the same weeks a year ago stands beside the forecast', async (t) => {
  const { client, write, pay } = await setUpPaid(t);
  const ctx = ctxOf();
  const lastYear = addDays(monday, -364);
  await pay(ctx, [
    { dueDate: lastYear, receivedOn: lastYear },
    { dueDate: lastYear, receivedOn: addDays(lastYear, 13) },
    { dueDate: lastYear, receivedOn: addDays(lastYear, 91) },
  ]);
  await write(ctx, [
    {
      kind: 'invoice',
      draft: false,
      customer: newId(),
      currency: 'EUR',
      issueDate: today,
      termDays: 10,
      gross: 700,
      paid: 0,
    },
  ]);

  const { weeks, currencies } = await client.cashForecast(ctx, {});

  assert.deepEqual([weeks[0], weeks.length], [monday, 13]);
  const before = currencies[0]?.weeks.map(({ lastYearMinor }) => lastYearMinor);
  assert.deepEqual(before, [10_000, 10_000, ...Array.from({ length: 11 }, () => 0)]);
});

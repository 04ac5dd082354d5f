import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { addDays, addMonths, firstOfMonth } from './day.ts';
import {
  ctxOf,
  document,
  linesOf,
  setUp,
  sumBy,
  today,
  type Document,
} from './reporting-fixture.ts';

const signed = ({ kind, gross }: Document) => (kind === 'invoice' ? gross : -gross);

test('revenue by month is invoiced less credited, and equals a recount', async (t) => {
  const { client, write } = await setUp(t);

  await fc.assert(
    fc.asyncProperty(fc.array(document, { minLength: 1, maxLength: 60 }), async (documents) => {
      const ctx = ctxOf();
      await write(ctx, documents);
      const from = addMonths(today, -11);
      const counted = documents.filter(({ draft, issueDate }) => !draft && issueDate >= from);

      const { months } = await client.revenueByMonth(ctx, { from, to: today });

      const groups = Map.groupBy(
        counted,
        ({ issueDate, currency }) => `${firstOfMonth(issueDate)} ${currency}`,
      );
      assert.deepEqual(
        new Map(
          months.map((row) => [
            `${row.month} ${row.currency}`,
            [row.grossMinor, row.invoices, row.creditNotes],
          ]),
        ),
        new Map(
          [...groups].map(([key, group]) => {
            const notes = group.filter(({ kind }) => kind === 'credit-note').length;
            return [key, [sumBy(group, signed), group.length - notes, notes]];
          }),
        ),
      );
    }),
    { numRuns: 25 },
  );
});

test('customers by revenue are counted to the day, also where the time ends within a month', async (t) => {
  const { client, write } = await setUp(t);

  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: -60, max: 0 }),
      async (documents, days) => {
        const ctx = ctxOf();
        await write(ctx, documents);
        const [from, to] = ['2025-03-01', addDays(today, days)];
        const counted = documents
          .filter(({ draft, currency }) => !draft && currency === 'EUR')
          .filter(({ issueDate }) => issueDate >= from && issueDate <= to);

        const query = { from, to, currency: 'EUR', by: 'customer' } as const;
        const revenue = await client.revenueByMonth(ctx, query);

        assert.deepEqual(
          new Map(revenue.customers.map(({ customerId, netMinor }) => [customerId, netMinor])),
          new Map(
            [...Map.groupBy(counted, ({ customer }) => customer)].map(([customer, group]) => [
              customer,
              sumBy(group, signed),
            ]),
          ),
        );
      },
    ),
    { numRuns: 25 },
  );
});

test('revenue by tax rate is counted from the lines, month by month, and its net amounts are those of the months', async (t) => {
  const { client, write } = await setUp(t);

  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: -60, max: 0 }),
      async (documents, days) => {
        const ctx = ctxOf();
        await write(ctx, documents);
        const [from, to] = ['2025-03-01', addDays(today, days)];
        const counted = documents.filter(
          ({ draft, issueDate }) => !draft && issueDate >= from && issueDate <= to,
        );

        const { months, taxRates } = await client.revenueByMonth(ctx, { from, to, by: 'tax-rate' });

        const expected = new Map<string, number[]>();
        for (const one of counted) {
          for (const { rate, net } of linesOf(one)) {
            const key = `${firstOfMonth(one.issueDate)} ${one.currency} ${rate}`;
            const [sum = 0, tax = 0, many = 0] = expected.get(key) ?? [];
            // A half goes away from zero.
            const own =
              Math.sign(net) * Math.floor((Math.abs(net) * rate * 2 + 1_000_000) / 2_000_000);
            expected.set(key, [sum + net, tax + own, many + 1]);
          }
        }
        const found = taxRates.map(({ month, currency, taxPpm, ...sums }): [string, number[]] => [
          `${month} ${currency} ${taxPpm}`,
          [sums.netMinor, sums.taxMinor, sums.documents],
        ]);
        assert.deepEqual(new Map(found), expected);
        assert.equal(
          sumBy(taxRates, ({ netMinor }) => netMinor),
          sumBy(months, ({ netMinor }) => netMinor),
        );
      },
    ),
    { numRuns: 25 },
  );
});

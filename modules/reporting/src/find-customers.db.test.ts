import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readBuying, readCustomers } from './customers-table.ts';
import { addDays } from './day.ts';
import { findCustomers, toWholeMonths, type LargestQuery } from './find-customers.ts';
import { ctxOf, document, setUp, sumBy, today, type Document } from './reporting-fixture.ts';

/** Of few months and many customers: most of them are among the largest of no month. */
const sale = fc
  .tuple(document, fc.nat(75), fc.integer({ min: 10, max: 21 }))
  .map(([rest, days, customer]) => ({
    ...rest,
    draft: false,
    customer: `01900000-0000-7000-8000-0000000000${customer}`,
    currency: 'EUR',
    issueDate: addDays(today, -days),
  }));

function largestOf(documents: readonly Document[], { from, to, rowsMax }: LargestQuery) {
  const counted = documents.filter(({ issueDate }) => issueDate >= from && issueDate <= to);
  const sums = [...Map.groupBy(counted, ({ customer }) => customer)].map(
    ([customer, own]): [string, number] => [
      customer,
      sumBy(own, ({ kind, gross }) => (kind === 'invoice' ? gross : -gross)),
    ],
  );
  return sums.toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).slice(0, rowsMax);
}

test('customers who bought most are those of everybody added up, however few are looked at', async (t) => {
  const { database, write } = await setUp(t);
  let sureCount = 0;
  const signs = new Set<number>();

  await fc.assert(
    fc.asyncProperty(
      fc.record({
        documents: fc.array(sale, { minLength: 5, maxLength: 60 }),
        days: fc.integer({ min: -70, max: 0 }),
        rowsMax: fc.integer({ min: 1, max: 3 }),
        candidatesMax: fc.integer({ min: 1, max: 4 }),
      }),
      async ({ documents, days, rowsMax, candidatesMax }) => {
        const ctx = ctxOf();
        await write(ctx, documents);
        const query = { from: '2025-11-01', to: addDays(today, days), currency: 'EUR', rowsMax };

        const { whole, found, all, looked } = await database.read(
          ctx,
          async (reader) => {
            const asked = await toWholeMonths(reader, query);
            return {
              whole: asked,
              found: await findCustomers(reader, query, candidatesMax),
              all: await readCustomers(reader, asked),
              looked: await readBuying(reader, { ...asked, candidatesMax }),
            };
          },
          { snapshot: true },
        );

        assert.deepEqual(found, all);
        assert.deepEqual(
          all.map(({ customerId, netMinor }) => [customerId, netMinor]),
          largestOf(documents, query),
        );
        signs.add(whole.sign);
        const [last] = looked.slice(rowsMax - 1);
        if (last !== undefined && last.netMinor > last.othersMax) sureCount += 1;
      },
    ),
    { numRuns: 40 },
  );
  assert.equal(signs.size, 2, 'documents were added to whole months, and taken off them');
  assert(sureCount > 0, 'at least once the customers looked at were enough');
});

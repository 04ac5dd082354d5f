import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readBuying, readCustomers } from './customers-table.ts';
import { addDays } from './day.ts';
import { findCustomers } from './find-customers.ts';
import { ctxOf, document, setUp, today } from './reporting-fixture.ts';

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

test('customers who bought most are those of everybody added up, however few are looked at', async (t) => {
  const { database, write } = await setUp(t);
  let sureCount = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.record({
        documents: fc.array(sale, { minLength: 5, maxLength: 60 }),
        days: fc.integer({ min: -40, max: 0 }),
        rowsMax: fc.integer({ min: 1, max: 3 }),
        candidatesMax: fc.integer({ min: 1, max: 4 }),
      }),
      async ({ documents, days, rowsMax, candidatesMax }) => {
        const ctx = ctxOf();
        await write(ctx, documents);
        const query = { from: '2025-11-01', to: addDays(today, days), currency: 'EUR', rowsMax };

        const { found, all, looked } = await database.read(
          ctx,
          async (reader) => ({
            found: await findCustomers(reader, query, candidatesMax),
            all: await readCustomers(reader, query),
            looked: await readBuying(reader, { ...query, candidatesMax }),
          }),
          { snapshot: true },
        );

        assert.deepEqual(found, all);
        const [last] = looked.slice(rowsMax - 1);
        if (last !== undefined && last.netMinor > last.othersMax) sureCount += 1;
      },
    ),
    { numRuns: 40 },
  );
  assert(sureCount > 0, 'at least once the customers looked at were enough');
});

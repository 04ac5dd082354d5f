import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { chooseLargest } from './find-debtors.ts';

const debtor = fc
  .record({
    id: fc.uuid(),
    open: fc.integer({ min: 1, max: 20 }),
    late: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ id, open, late }) => ({
    customerId: id,
    customerName: '',
    openMinor: open,
    overdueMinor: Math.floor(open * late),
  }));

test('chooseLargest is sure only where looking at everybody would choose the same', () => {
  fc.assert(
    fc.property(fc.array(debtor, { maxLength: 30 }), fc.nat(30), (all, looked) => {
      const owing = all.toSorted((a, b) => b.openMinor - a.openMinor);
      const nextOwesMinor = owing[looked]?.openMinor ?? 0;

      const found = chooseLargest(owing.slice(0, looked), { rowsMax: 3, nextOwesMinor });

      const everybody = chooseLargest(owing, { rowsMax: 3, nextOwesMinor: 0 });
      assert(!found.isSure || JSON.stringify(found.debtors) === JSON.stringify(everybody.debtors));
    }),
  );
});

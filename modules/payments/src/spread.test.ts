import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { spreadAmounts, spreadOldestFirst, statusOf, sumOf, type OpenItem } from './spread.ts';

const source = { customerId: 'c', currency: 'EUR', leftMinor: 1_000n };

function item(invoiceId: string, change: Partial<OpenItem> = {}): OpenItem {
  return {
    invoiceId,
    number: invoiceId,
    customerId: 'c',
    currency: 'EUR',
    issueDate: '2026-01-01',
    dueDate: '2026-01-31',
    openMinor: 600n,
    ...change,
  };
}

const refusals: readonly [string, Partial<OpenItem>, bigint, string][] = [
  ['more than the invoice has open', {}, 601n, 'payments.exceeds_open'],
  ['more than is left', { openMinor: 5_000n }, 1_001n, 'payments.exceeds_payment'],
  ['an invoice in another currency', { currency: 'USD' }, 1n, 'payments.other_currency'],
  ["another customer's invoice", { customerId: 'd' }, 1n, 'payments.other_customer'],
];
for (const [what, change, amountMinor, code] of refusals) {
  test(`a spread over ${what} is refused`, () => {
    const items = new Map([['i', item('i', change)]]);

    assert.throws(() => spreadAmounts(source, items, [{ invoiceId: 'i', amountMinor }]), { code });
  });
}

test('a spread over an invoice that is not there is refused, and one that names it twice', () => {
  const items = new Map([['i', item('i')]]);
  const wish = { invoiceId: 'i', amountMinor: 1n };

  assert.throws(() => spreadAmounts(source, new Map(), [wish]), {
    code: 'payments.unknown_invoice',
  });
  assert.throws(() => spreadAmounts(source, items, [wish, wish]), {
    code: 'payments.exceeds_open',
  });
});

test('the oldest due date is filled first, and other currencies are passed over', () => {
  const items = [
    item('late', { dueDate: '2026-03-01' }),
    item('usd', { currency: 'USD', dueDate: '2025-01-01' }),
    item('early', { dueDate: '2026-01-01' }),
  ];

  const shares = spreadOldestFirst(source, items);

  assert.deepEqual(
    shares.map((share) => [share.item.invoiceId, share.amountMinor]),
    [
      ['early', 600n],
      ['late', 400n],
    ],
  );
});

test('oldest first spends all that it can, and no invoice gets more than it has open', () => {
  const open = fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { maxLength: 20 });

  fc.assert(
    fc.property(open, fc.bigInt({ min: 0n, max: 10_000n }), (amounts, leftMinor) => {
      const items = amounts.map((openMinor, index) => item(String(index), { openMinor }));

      const shares = spreadOldestFirst({ ...source, leftMinor }, items);

      const total = amounts.reduce((sum, amount) => sum + amount, 0n);
      assert.equal(sumOf(shares), total < leftMinor ? total : leftMinor);
      assert(shares.every((share) => share.amountMinor <= share.item.openMinor));
    }),
  );
});

const states: readonly [bigint, bigint, bigint, string][] = [
  [100n, 0n, 0n, 'open'],
  [100n, 99n, 0n, 'open'],
  [100n, 100n, 0n, 'allocated'],
  [100n, 60n, 40n, 'allocated'],
  [100n, 0n, 100n, 'refunded'],
];
for (const [amountMinor, allocatedMinor, refundedMinor, status] of states) {
  test(`a payment of ${amountMinor}, allocated ${allocatedMinor}, refunded ${refundedMinor}, is ${status}`, () => {
    assert.equal(statusOf({ amountMinor, allocatedMinor, refundedMinor }), status);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { creditOf, type Credited } from './credit.ts';
import type { Issued, PlacedLine } from './invoice.ts';
import { statusOf } from './status.ts';
import { lineNet, totalsOf } from './totals.ts';

function line(position: number, quantityMicro: bigint, unitPriceMinor: bigint): PlacedLine {
  const netMinor = lineNet(quantityMicro, unitPriceMinor);
  const terms = { description: 'x', unit: '', taxPpm: 190_000 };
  return { ...terms, position, quantityMicro, unitPriceMinor, netMinor };
}

function invoiceOver(lines: readonly PlacedLine[], change: Partial<Issued> = {}): Issued {
  const { netMinor, taxMinor, grossMinor } = totalsOf(
    lines.map(({ taxPpm }) => taxPpm),
    lines.map((each) => each.netMinor),
  );
  const balance = {
    kind: 'invoice',
    grossMinor,
    paidMinor: 0n,
    creditedMinor: 0n,
    ...change,
  } as const;
  return {
    id: 'i',
    version: 1,
    series: 'INV',
    number: 'INV-2026-000001',
    customerId: 'c',
    customerName: 'Acme',
    currency: 'EUR',
    issueDate: '2026-01-01',
    dueDate: '2026-01-31',
    reference: '',
    note: '',
    internalNote: '',
    netMinor,
    taxMinor,
    openMinor: 0n,
    ...balance,
    status: statusOf(balance),
  };
}

const none: Credited = new Map();
const lines = [line(1, 2_000_000n, 1_000n), line(2, 1_000_000n, 333n)];

test('a credit in full is the exact negative, and voids the invoice', () => {
  const invoice = invoiceOver(lines);

  const { totals, invoice: after } = creditOf(invoice, lines, none, undefined);

  assert.equal(totals.grossMinor, -invoice.grossMinor);
  assert.deepEqual(after, { creditedMinor: invoice.grossMinor, openMinor: 0n, status: 'voided' });
});

test('a credit of one line leaves the rest open', () => {
  const invoice = invoiceOver(lines);

  const credit = creditOf(invoice, lines, none, [{ position: 1, quantityMicro: 500_000n }]);

  assert.deepEqual(
    credit.lines.map(({ creditsPosition, quantityMicro, netMinor }) => [
      creditsPosition,
      quantityMicro,
      netMinor,
    ]),
    [[1, -500_000n, -500n]],
  );
  assert.equal(credit.totals.grossMinor, -595n);
  assert.equal(credit.invoice.openMinor, invoice.grossMinor - 595n);
  assert.equal(credit.invoice.status, 'issued');
});

test('a credit of a paid invoice leaves less than nothing open until payments gives back', () => {
  const invoice = invoiceOver(lines, { paidMinor: 2_776n });

  const { invoice: after } = creditOf(invoice, lines, none, [
    { position: 2, quantityMicro: undefined },
  ]);

  assert.deepEqual(after, { creditedMinor: 396n, openMinor: -396n, status: 'settled' });
});

const refusals = [
  ['more than the line has', [{ position: 1, quantityMicro: 2_000_001n }]],
  ['a line that is not there', [{ position: 3, quantityMicro: undefined }]],
  ['a line twice', [1, 1].map((position) => ({ position, quantityMicro: 1n }))],
  ['a quantity of the other sign', [{ position: 1, quantityMicro: -1n }]],
] as const;
for (const [what, requests] of refusals) {
  test(`a credit of ${what} is refused`, () => {
    assert.throws(() => creditOf(invoiceOver(lines), lines, none, requests), {
      code: 'invoicing.credit_exceeds',
    });
  });
}

test('what is credited in full takes no further credit', () => {
  const credited = new Map([
    [1, 2_000_000n],
    [2, 1_000_000n],
  ]);

  assert.throws(() => creditOf(invoiceOver(lines), lines, credited, undefined), {
    code: 'invoicing.not_creditable',
  });
});

test('credits in any parts never take off more than the total, and all of them take off exactly it', () => {
  const quantity = fc.bigInt({ min: 1n, max: 10_000_000n });
  const price = fc.bigInt({ min: 1n, max: 100_000n });
  const parts = fc.array(fc.tuple(quantity, price, fc.bigInt({ min: 1n, max: 9n })), {
    minLength: 1,
    maxLength: 6,
  });

  fc.assert(
    fc.property(parts, (drawn) => {
      const all = drawn.map(([amount, unitPrice], index) => line(index + 1, amount, unitPrice));
      const whole = invoiceOver(all);
      fc.pre(whole.grossMinor > 0n);
      const firstPart = drawn.map(([amount, , tenths], index) => ({
        position: index + 1,
        quantityMicro: (amount * tenths) / 10n,
      }));
      const asked = firstPart.filter(({ quantityMicro }) => quantityMicro > 0n);
      fc.pre(asked.length > 0);

      const first = creditOf(whole, all, none, asked).invoice;
      const credited = new Map(asked.map((each) => [each.position, each.quantityMicro]));
      fc.pre(first.status !== 'voided');
      const after = { ...whole, creditedMinor: first.creditedMinor, status: first.status };
      const rest = creditOf(after, all, credited, undefined).invoice;

      assert(first.creditedMinor <= whole.grossMinor);
      assert.deepEqual(rest, { creditedMinor: whole.grossMinor, openMinor: 0n, status: 'voided' });
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  divideHalfUp,
  documentTotals,
  formatQuantity,
  lineNet,
  parseQuantity,
  totalsOf,
} from './totals.ts';

const micro = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const price = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });
const rate = fc.constantFrom(0, 50_000, 70_000, 88_750, 190_000, 230_000);
const lines = fc.array(fc.record({ quantityMicro: micro, price, rate }), { maxLength: 40 });

test('a line of 1.005 at 1.00 is 1.01, and its negative is −1.01', () => {
  const amounts = [lineNet(1_005_000n, 100n), lineNet(-1_005_000n, 100n)];

  assert.deepEqual(amounts, [101n, -101n]);
});

test('the tax of a rate is computed over the sum of its lines, not line by line', () => {
  const line = { quantity: '1', unitPriceMinor: 3, taxPpm: 190_000 };

  const totals = documentTotals([line, line, line]);

  // Line by line it would be 3 × round(0.57) = 3.
  assert.deepEqual(totals.taxes, [{ taxPpm: 190_000, netMinor: 9n, taxMinor: 2n }]);
  assert.equal(totals.grossMinor, 11n);
});

test('rates stand apart, by rising rate', () => {
  const totals = documentTotals([
    { quantity: '2', unitPriceMinor: 1_000, taxPpm: 190_000 },
    { quantity: '1.5', unitPriceMinor: 200, taxPpm: 70_000 },
    { quantity: '1', unitPriceMinor: 100n, taxPpm: 190_000 },
  ]);

  assert.deepEqual(totals, {
    lineNets: [2_000n, 300n, 100n],
    netMinor: 2_400n,
    taxMinor: 420n,
    grossMinor: 2_820n,
    taxes: [
      { taxPpm: 70_000, netMinor: 300n, taxMinor: 21n },
      { taxPpm: 190_000, netMinor: 2_100n, taxMinor: 399n },
    ],
  });
});

test('divideHalfUp is at most half a unit away, and a half goes away from zero', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 12n }), (dividend, divisor) => {
      const twice = divideHalfUp(dividend, divisor) * 2n * divisor - dividend * 2n;

      const size = twice < 0n ? -twice : twice;
      assert(size <= divisor);
      assert(size < divisor || twice > 0n === dividend > 0n);
    }),
  );
});

test('a document with all quantities negated is its exact negative', () => {
  fc.assert(
    fc.property(lines, (drawn) => {
      const rates = drawn.map((line) => line.rate);
      const nets = drawn.map((line) => lineNet(line.quantityMicro, line.price));
      const negated = drawn.map((line) => lineNet(-line.quantityMicro, line.price));

      const totals = totalsOf(rates, nets);
      const mirror = totalsOf(rates, negated);

      assert.equal(mirror.grossMinor, -totals.grossMinor);
      assert.equal(mirror.taxMinor, -totals.taxMinor);
    }),
  );
});

const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n);

test('gross is net and tax, net is the sum of the lines and of the rates', () => {
  fc.assert(
    fc.property(lines, (drawn) => {
      const nets = drawn.map((line) => lineNet(line.quantityMicro, line.price));

      const totals = totalsOf(
        drawn.map((line) => line.rate),
        nets,
      );

      assert.equal(totals.grossMinor, totals.netMinor + totals.taxMinor);
      assert.equal(totals.netMinor, sum(nets));
      assert.equal(totals.netMinor, sum(totals.taxes.map(({ netMinor }) => netMinor)));
      assert.equal(totals.taxMinor, sum(totals.taxes.map(({ taxMinor }) => taxMinor)));
    }),
  );
});

test('formatQuantity and parseQuantity are inverse', () => {
  fc.assert(
    fc.property(micro, (quantityMicro) => {
      assert.equal(parseQuantity(formatQuantity(quantityMicro)), quantityMicro);
    }),
  );
});

for (const text of ['', '1,5', '1.1234567', '1e3', ' 1', '1234567890123', '.5', '+1', '0x1']) {
  test(`parseQuantity refuses «${text}»`, () => {
    assert.equal(parseQuantity(text), undefined);
  });
}

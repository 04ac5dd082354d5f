import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { currencies, exponentOf, formatAmount, minorMax, parseAmount } from './money.ts';

const exponents = [
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
  ['CLF', 4],
  ['XXX', undefined],
  ['toString', undefined],
] as const;
for (const [currency, exponent] of exponents) {
  test(`the exponent of ${currency} is ${exponent}`, () => {
    assert.equal(exponentOf(currency), exponent);
  });
}

test('every currency has an exponent, none stands twice', () => {
  assert.equal(new Set(currencies).size, currencies.length);
  assert(currencies.every((currency) => exponentOf(currency) !== undefined));
});

const readings = [
  ['12.34', 2, 1_234n],
  ['12.3', 2, 1_230n],
  ['-12', 2, -1_200n],
  ['12.340', 2, 1_234n],
  ['1234', 0, 1_234n],
  ['0.001', 3, 1n],
  ['12.345', 2, 'too_precise'],
  ['12.5', 0, 'too_precise'],
  ['12a', 2, 'not_number'],
  ['1e5', 2, 'not_number'],
  ['', 2, 'not_number'],
  ['1,234.00', 2, 'not_number'],
  ['90071992547409.91', 2, minorMax],
  ['90071992547409.92', 2, 'too_large'],
] as const;
for (const [text, exponent, result] of readings) {
  test(`parseAmount reads «${text}» with ${exponent} decimals as ${result}`, () => {
    assert.equal(parseAmount(text, exponent), result);
  });
}

test('formatAmount and parseAmount are inverse', () => {
  const amount = fc.bigInt({ min: -minorMax, max: minorMax });

  fc.assert(
    fc.property(amount, fc.constantFrom(0, 2, 3, 4), (minor, exponent) => {
      assert.equal(parseAmount(formatAmount(minor, exponent), exponent), minor);
    }),
  );
});

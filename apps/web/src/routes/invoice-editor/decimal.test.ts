import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseDecimal, writeDecimal } from './decimal.ts';

const formats = (locale: string) => ({ locale, userZone: 'UTC', tenantZone: 'UTC' });
const cases: readonly (readonly [text: string, en: string | undefined, de: string | undefined])[] =
  [
    ['12', '12', '12'],
    ['1.5', '1.5', '1.5'],
    ['1,5', '1.5', '1.5'],
    ['0,333333', '0.333333', '0.333333'],
    ['1.234', '1.234', '1234'],
    ['1,234', '1234', '1.234'],
    ['1.234,5', '1234.5', '1234.5'],
    ['1,234.50', '1234.5', '1234.5'],
    ['1.234.567', '1234567', '1234567'],
    ['1 000', '1000', '1000'],
    ['−2', '-2', '-2'],
    ['-0', '0', '0'],
    ['007', '7', '7'],
    ['1.23.4', undefined, undefined],
    ['1,2.3,4', undefined, undefined],
    ['12a', undefined, undefined],
    ['', undefined, undefined],
  ];

test('parseDecimal reads what people type, in their locale', () => {
  const read = cases.map(([text]) => [
    text,
    parseDecimal(text, formats('en')),
    parseDecimal(text, formats('de')),
  ]);

  assert.deepEqual(read, cases);
});

test('writeDecimal writes what parseDecimal reads', () => {
  const text = writeDecimal('1234.5', formats('de'));

  assert.equal(text, '1234,5');
  assert.equal(parseDecimal(text, formats('de')), '1234.5');
});

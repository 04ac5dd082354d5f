import assert from 'node:assert/strict';
import { test } from 'node:test';

import { quantityText } from './invoice-quantity.ts';

const formats = (locale: string) => ({ locale, userZone: 'UTC', tenantZone: 'UTC' });

test('a quantity is written with all of its decimals, in the way of the locale', () => {
  assert.equal(quantityText('-1234.5', formats('en')), '\u{2212}1,234.5');
  assert.equal(quantityText('1234.500001', formats('de')), '1.234,500001');
  assert.equal(quantityText('-0.25', formats('en')), '\u{2212}0.25');
  assert.equal(quantityText('999999999999', formats('en')), '999,999,999,999');
});

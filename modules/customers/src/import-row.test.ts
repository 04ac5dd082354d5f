import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCreditLimit } from './credit-limit.ts';
import { guessMapping, parseRow, type Cells } from './import-row.ts';

const cells: Cells = {
  number: '17850',
  name: ' Acme ',
  country: 'United Kingdom',
  currency: 'gbp',
};

test('a row is read with its cells cut and its country known by name', () => {
  assert.deepEqual(parseRow(cells, {}), {
    number: '17850',
    patch: { name: 'Acme', country: 'GB', currency: 'GBP' },
  });
});

test('a row takes the defaults for what it does not name', () => {
  const row = parseRow({ number: '1', name: 'A', country: '' }, { country: 'DE', currency: 'EUR' });

  assert.deepEqual(row, { number: '1', patch: { name: 'A', country: 'DE', currency: 'EUR' } });
});

test('an empty cell of an optional field clears it', () => {
  const row = parseRow({ ...cells, email: ' ', creditLimit: '' }, {});

  assert('patch' in row);
  assert.deepEqual([row.patch.email, row.patch.creditLimitMinor], [null, null]);
});

const faults: readonly [name: string, cells: Cells, field: string, code: string][] = [
  ['no number', { ...cells, number: ' ' }, 'number', 'customers.missing'],
  ['a long number', { ...cells, number: '1'.repeat(33) }, 'number', 'customers.bad_value'],
  ['no name', { ...cells, name: '' }, 'name', 'customers.missing'],
  ['no currency', { ...cells, currency: '' }, 'currency', 'customers.missing'],
  ['a country nobody knows', { ...cells, country: 'Atlantis' }, 'country', 'customers.bad_value'],
  ['a bad address', { ...cells, email: 'a@' }, 'email', 'customers.bad_value'],
  ['half a day', { ...cells, termDays: '1.5' }, 'termDays', 'customers.bad_value'],
  ['terms of 366 days', { ...cells, termDays: '366' }, 'termDays', 'customers.bad_value'],
  ['a limit in words', { ...cells, creditLimit: 'none' }, 'creditLimit', 'customers.bad_value'],
];
for (const [name, row, field, code] of faults) {
  test(`a row with ${name} is refused at that field`, () => {
    const parsed = parseRow(row, {});

    assert('fault' in parsed);
    assert.deepEqual([parsed.fault.field, parsed.fault.code], [field, code]);
  });
}

const amounts: readonly [text: string, currency: string, minor: number | undefined][] = [
  ['1234', 'EUR', 123_400],
  ['1234.5', 'EUR', 123_450],
  ['1.234,50', 'EUR', 123_450],
  ['1,234.50', 'EUR', 123_450],
  ["1'234.50", 'CHF', 123_450],
  ['1 234,50', 'EUR', 123_450],
  ['1.234.567', 'EUR', 123_456_700],
  ['1.234', 'EUR', undefined],
  ['1.234', 'KWD', 1_234],
  ['1000', 'JPY', 1_000],
  ['10.5', 'JPY', undefined],
  ['1.23.456', 'EUR', undefined],
  ['-5', 'EUR', undefined],
  ['', 'EUR', undefined],
];
for (const [text, currency, minor] of amounts) {
  test(`parseCreditLimit reads «${text}» in ${currency} as ${minor}`, () => {
    assert.equal(parseCreditLimit(text, currency), minor);
  });
}

test('guessMapping finds columns by their names, however they are written', () => {
  assert.deepEqual(guessMapping(['Customer ID', 'Company', 'E-Mail', 'ZIP', 'whatever']), {
    number: 'Customer ID',
    name: 'Company',
    email: 'E-Mail',
    postalCode: 'ZIP',
  });
});

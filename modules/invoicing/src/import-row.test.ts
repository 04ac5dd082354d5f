import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requireColumns } from './import-columns.ts';
import { suggestMapping } from './import-fields.ts';
import { readDocument, type Plan } from './import-document.ts';
import { parseDay } from './import-row.ts';

const days = [
  ['2011-12-09', 'iso', '2011-12-09'],
  ['2011-12-09T10:00', 'iso', '2011-12-09'],
  ['2011-02-29', 'iso', undefined],
  ['12/1/10 8:26', 'mdy', '2010-12-01'],
  ['12/1/10 8:26', 'dmy', '2010-01-12'],
  ['31.12.2010', 'dmy', '2010-12-31'],
  ['13/45/10', 'mdy', undefined],
  ['1/1/69', 'mdy', '2069-01-01'],
  ['1/1/70', 'mdy', '1970-01-01'],
  ['', 'mdy', undefined],
] as const;
for (const [text, order, day] of days) {
  test(`parseDay reads «${text}» as ${order}: ${day}`, () => {
    assert.equal(parseDay(text, order), day);
  });
}

const lineHeader = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
];

test('suggestMapping knows both mappings by their headers, in any case', () => {
  assert.equal(suggestMapping(lineHeader), 'line-rows');
  assert.equal(suggestMapping(['invoice', 'date', 'customer', 'total_gbp']), 'invoice-rows');
  assert.equal(suggestMapping(['a', 'b']), null);
});

test('requireColumns names what is missing, and takes the columns that were chosen', () => {
  assert.throws(() => requireColumns('invoice-rows', ['invoice', 'date', 'who', 'total'], {}), {
    code: 'invoicing.columns_missing',
    message: 'The file has no column for: customer.',
  });
  const columns = requireColumns('invoice-rows', ['invoice', 'date', 'who', 'total'], {
    customer: 'who',
  });
  assert.equal(columns.get('customer'), 2);
});

const plan: Plan = {
  settings: {
    mapping: 'line-rows',
    dateOrder: 'mdy',
    currency: 'GBP',
    country: 'GB',
    termDays: 30,
    settledBefore: null,
  },
  header: lineHeader,
  columns: requireColumns('line-rows', lineHeader, {}),
};

test('rows of one number make one document', () => {
  const read = readDocument(plan, [
    { line: 2, fields: ['1', 'A', 'Tea ', '6', '12/1/10 8:26', '2.55', '17850', 'United Kingdom'] },
    { line: 3, fields: ['1', 'B', 'Milk', '8', '12/1/10 8:26', '2.75', '17850', 'United Kingdom'] },
  ]);

  assert('document' in read);
  assert.equal(read.document.kind, 'invoice');
  assert.equal(read.document.grossMinor, 3_730n);
  assert.equal(read.document.dueDate, '2010-12-31');
  assert.deepEqual(read.document.customer, {
    number: '17850',
    name: 'Customer 17850',
    country: 'GB',
  });
});

test('a row tells every fault that it has, with column and value', () => {
  const read = readDocument(plan, [
    {
      line: 624,
      fields: ['536414', '22139', '', '56', '12/1/10 11:52', '0', '', 'United Kingdom'],
    },
  ]);

  assert('faults' in read);
  assert.deepEqual(
    read.faults.map(({ line, column, value, code }) => [line, column, value, code]),
    [
      [624, 'CustomerID', '', 'empty'],
      [624, 'Description', '', 'empty'],
      [624, 'UnitPrice', '0', 'zero'],
    ],
  );
});

test('a fault in one row refuses the whole document, and keeps all its rows', () => {
  const read = readDocument(plan, [
    { line: 2, fields: ['1', 'A', 'Tea', '6', '12/1/10', '2.55', '17850', ''] },
    { line: 3, fields: ['1', 'B', 'Milk', 'many', '12/1/10', '2.75', '17850', ''] },
  ]);

  assert('faults' in read);
  assert.deepEqual(
    read.faults.map(({ line, column }) => [line, column]),
    [[3, 'Quantity']],
  );
  assert.equal(read.rows.length, 2);
});

test('a number with C is a credit note of less than 0, any other an invoice of more', () => {
  const credit = readDocument(plan, rowOf('C1', '-2'));
  assert('document' in credit);
  assert.equal(credit.document.kind, 'credit-note');
  assert.equal(credit.document.grossMinor, -510n);
  assert('faults' in readDocument(plan, rowOf('C1', '2')));
  assert('faults' in readDocument(plan, rowOf('1', '-2')));
});

function rowOf(number: string, quantity: string) {
  return [{ line: 2, fields: [number, 'A', 'Tea', quantity, '12/1/10', '2.55', '17850', ''] }];
}

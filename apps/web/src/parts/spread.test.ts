import assert from 'node:assert/strict';
import { test } from 'node:test';

import { namedIn, type OpenItem, spreadOldest, spreadTyped, toSpread } from './spread.ts';

const formats = { locale: 'en', userZone: 'UTC', tenantZone: 'UTC' };
const item = (number: string, openMinor: number, dueDate: string, currency = 'EUR'): OpenItem => ({
  invoiceId: number,
  number,
  customerId: 'c1',
  issueDate: '2026-01-01',
  dueDate,
  currency,
  grossMinor: openMinor,
  openMinor,
});
const items = [
  item('INV-2026-000002', 500, '2026-11-12'),
  item('INV-2026-000001', 1_000, '2026-10-12'),
  item('INV-2026-000003', 300, '2026-11-12'),
  item('INV-2026-000004', 900, '2026-01-01', 'USD'),
];

test('the oldest invoice of the currency is filled first, the last in part', () => {
  const plan = spreadOldest(items, { minor: 1_600, currency: 'EUR' });

  assert.deepEqual(
    [...plan.shares],
    [
      ['INV-2026-000001', 1_000],
      ['INV-2026-000002', 500],
      ['INV-2026-000003', 100],
    ],
  );
  assert.equal(plan.restMinor, 0);
});

test('the invoice that a payment is for goes before older ones', () => {
  const money = { minor: 600, currency: 'EUR' };

  const plan = spreadOldest(items, money, 'INV-2026-000003');

  assert.deepEqual(
    [...plan.shares],
    [
      ['INV-2026-000003', 300],
      ['INV-2026-000001', 300],
    ],
  );
});

test('more money than is open stays as rest', () => {
  const plan = spreadOldest(items, { minor: 2_000, currency: 'EUR' });

  assert.equal(plan.allocatedMinor, 1_800);
  assert.equal(plan.restMinor, 200);
});

test('typed amounts are held against what is open and what is left', () => {
  const typed = new Map([
    ['INV-2026-000001', '10.01'],
    ['INV-2026-000002', 'x'],
    ['INV-2026-000003', '3.00'],
  ]);

  const plan = spreadTyped(items, { minor: 1_200, currency: 'EUR' }, typed, formats);

  assert.deepEqual(
    [...plan.faults],
    [
      ['INV-2026-000001', 'above_open'],
      ['INV-2026-000002', 'not_number'],
      ['INV-2026-000003', 'above_left'],
    ],
  );
  assert.equal(plan.restMinor, -101);
});

test('a reference names an invoice by its number, with or without prefix and zeros', () => {
  const found = [
    'inv-2026-000003',
    'RE 2026-3 Acme',
    'RE 2026 000003',
    '2026-33',
    'thanks',
    '',
  ].map((text) => namedIn(text, items)?.number);

  const third = 'INV-2026-000003';
  assert.deepEqual(found, [third, third, third, undefined, undefined, undefined]);
});

test('what is sent are the amounts that were shown, or the rule beyond 200', () => {
  const few = spreadOldest(items, { minor: 100, currency: 'EUR' });
  const many = Array.from({ length: 201 }, (_, at) => item(`N-${at}`, 1, '2026-01-01'));

  assert.deepEqual(toSpread(few), {
    by: 'amounts',
    items: [{ invoiceId: 'INV-2026-000001', amountMinor: 100 }],
  });
  assert.deepEqual(toSpread(spreadOldest(many, { minor: 500, currency: 'EUR' })), {
    by: 'oldest-first',
  });
  assert.equal(toSpread(spreadOldest([], { minor: 500, currency: 'EUR' })), undefined);
});

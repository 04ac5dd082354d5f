import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstDays, toBuckets } from './buckets.ts';
import { addMonths, firstOfMonth } from './day.ts';

test('the ranges begin the upper ends before today, oldest first', () => {
  assert.deepEqual(firstDays('2026-03-31', [30, 60]), ['2026-01-30', '2026-03-01', '2026-03-31']);
});

test('every range has its bucket, also the empty ones', () => {
  const found = new Map([
    [0, { openMinor: 500, invoices: 5 }],
    [3, { openMinor: 100, invoices: 1 }],
  ]);

  assert.deepEqual(toBuckets([30, 60], found), [
    { fromDays: null, toDays: 0, openMinor: 100, invoices: 1 },
    { fromDays: 1, toDays: 30, openMinor: 0, invoices: 0 },
    { fromDays: 31, toDays: 60, openMinor: 0, invoices: 0 },
    { fromDays: 61, toDays: null, openMinor: 500, invoices: 5 },
  ]);
});

test('months are counted over the ends of years', () => {
  assert.equal(addMonths('2026-01-31', -1), '2025-12-01');
  assert.equal(addMonths('2026-12-15', 1), '2027-01-01');
  assert.equal(firstOfMonth('2026-12-15'), '2026-12-01');
});

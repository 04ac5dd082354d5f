import assert from 'node:assert/strict';
import { test } from 'node:test';

import { expandStatus } from './status-filter.ts';

const today = '2026-03-01';
const overdue = ['status:in:issued,partly-paid', 'openMinor:gte:1', 'dueDate:before:2026-03-01'];
const table: readonly [string[], string[]][] = [
  [['status:in:overdue'], overdue],
  [['status:in:open,overdue'], ['status:in:issued,partly-paid']],
  [['status:in:open,settled'], ['status:in:settled,issued,partly-paid']],
  [
    ['status:in:draft', 'currency:in:EUR'],
    ['status:in:draft', 'currency:in:EUR'],
  ],
];
for (const [given, expanded] of table) {
  test(`${given.join(' ')} becomes ${expanded.join(' ')}`, () => {
    assert.deepEqual(expandStatus({ f: given }, today), { f: expanded, today });
  });
}

test('overdue beside a status that it does not lie within is refused', () => {
  assert.throws(() => expandStatus({ f: ['status:in:overdue,settled'] }, today), {
    code: 'list.bad_filter',
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dueIn, paidRatio, stateOf } from './invoice-state.ts';

const open = { status: 'issued', dueDate: '2026-11-12', openMinor: 7_140 } as const;

test('an invoice is overdue from the day after its due date, as long as something is open', () => {
  const cases = [
    [open, '2026-11-12', 'issued'],
    [open, '2026-11-13', 'overdue'],
    [{ ...open, status: 'partly-paid' }, '2026-11-23', 'overdue'],
    [{ ...open, status: 'settled', openMinor: 0 }, '2026-11-23', 'settled'],
    [{ ...open, status: 'draft' }, '2026-11-23', 'draft'],
  ] as const;

  const states = cases.map(([invoice, today]) => stateOf(invoice, today));

  assert.deepEqual(
    states,
    cases.map(([, , state]) => state),
  );
});

test('dueIn counts late days, days left, and nothing for what is paid', () => {
  assert.deepEqual(dueIn(open, '2026-11-23'), { late: 11 });
  assert.deepEqual(dueIn(open, '2026-11-02'), { left: 10 });
  assert.equal(dueIn({ ...open, status: 'settled', openMinor: 0 }, '2026-11-23'), undefined);
});

test('paidRatio is of what credit notes leave of the total', () => {
  assert.equal(paidRatio({ grossMinor: 1_000, creditedMinor: 200, paidMinor: 400 }), 0.5);
  assert.equal(paidRatio({ grossMinor: 1_000, creditedMinor: 1_000, paidMinor: 0 }), 1);
});

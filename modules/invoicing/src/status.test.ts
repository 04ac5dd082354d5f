import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { addDays } from './day.ts';
import { daysLate, isOverdue, openOf, statusOf, type Kind } from './status.ts';

const table: readonly [Kind, bigint, bigint, bigint, string][] = [
  ['invoice', 100n, 0n, 0n, 'issued'],
  ['invoice', 100n, 1n, 0n, 'partly-paid'],
  ['invoice', 100n, 100n, 0n, 'settled'],
  ['invoice', 100n, 0n, 40n, 'issued'],
  ['invoice', 100n, 60n, 40n, 'settled'],
  ['invoice', 100n, 100n, 40n, 'settled'],
  ['invoice', 100n, 0n, 100n, 'voided'],
  ['invoice', 100n, 30n, 100n, 'voided'],
  ['invoice', 0n, 0n, 0n, 'settled'],
  ['credit-note', -100n, 0n, -100n, 'settled'],
  ['credit-note', -100n, 0n, 0n, 'issued'],
];
for (const [kind, grossMinor, paidMinor, creditedMinor, status] of table) {
  test(`${kind} ${grossMinor}, paid ${paidMinor}, credited ${creditedMinor}, is ${status}`, () => {
    assert.equal(statusOf({ kind, grossMinor, paidMinor, creditedMinor }), status);
  });
}

test('an invoice is settled or voided exactly when nothing of it is open', () => {
  const amount = fc.bigInt({ min: 0n, max: 1_000n });

  fc.assert(
    fc.property(amount, amount, amount, (grossMinor, paid, credited) => {
      const paidMinor = paid > grossMinor ? grossMinor : paid;
      const creditedMinor = credited > grossMinor ? grossMinor : credited;
      const balance = { kind: 'invoice', grossMinor, paidMinor, creditedMinor } as const;

      const isClosed = ['settled', 'voided'].includes(statusOf(balance));

      assert.equal(isClosed, openOf(balance) <= 0n);
    }),
  );
});

test('an invoice is overdue from the day after it is due, as long as anything is open', () => {
  const invoice = { status: 'issued', dueDate: '2026-02-28', openMinor: 1n };

  assert.equal(isOverdue(invoice, '2026-02-28'), false);
  assert.equal(isOverdue(invoice, addDays('2026-02-28', 1)), true);
  assert.equal(isOverdue({ ...invoice, openMinor: 0n }, '2026-03-31'), false);
  assert.equal(isOverdue({ ...invoice, status: 'draft' }, '2026-03-31'), false);
  assert.equal(daysLate(invoice, '2026-03-01'), 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventsOf } from './invoice-events.ts';
import type { InvoiceDetail } from './invoice-state.ts';

const invoice = (change: Partial<InvoiceDetail>): InvoiceDetail => {
  const issued = {
    kind: 'invoice',
    status: 'partly-paid',
    issueDate: '2026-10-13',
    dueDate: '2026-11-12',
    openMinor: 714_000,
    payments: [
      {
        paymentId: 'p1',
        receivedOn: '2026-11-10',
        amountMinor: 476_000,
        method: 'transfer',
        reference: null,
      },
    ],
    creditNotes: [],
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the events follow from
  return { ...issued, ...change } as InvoiceDetail;
};
const shown = (document: InvoiceDetail, today: string) =>
  eventsOf(document, today).map(({ kind, day }) => `${kind} ${day}`);

test('events stand by day, and a passed due date among them', () => {
  assert.deepEqual(shown(invoice({}), '2026-11-23'), [
    'issued 2026-10-13',
    'payment 2026-11-10',
    'overdue 2026-11-12',
  ]);
});

test('a due date that comes is last, a settled invoice says so', () => {
  assert.deepEqual(shown(invoice({}), '2026-11-11').at(-1), 'due 2026-11-12');
  assert.deepEqual(
    shown(invoice({ status: 'settled', openMinor: 0 }), '2026-11-23').at(-1),
    'settled 2026-11-10',
  );
});

test('a draft has no events', () => {
  assert.deepEqual(shown(invoice({ status: 'draft' }), '2026-11-23'), []);
});

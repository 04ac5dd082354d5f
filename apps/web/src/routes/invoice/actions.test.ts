import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { actionsOf } from './actions.ts';

const invoice = (change: Partial<InvoiceDetail>): InvoiceDetail => {
  const issued = {
    kind: 'invoice',
    status: 'issued',
    openMinor: 100,
    paidMinor: 0,
    creditedMinor: 0,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the actions follow from
  return { ...issued, ...change } as InvoiceDetail;
};
const all = () => true;
const clerk = (permission: string) => permission === 'invoicing.write';

test('a document offers what its state allows', () => {
  const cases = [
    [invoice({ status: 'draft' }), ['issue', 'edit', 'duplicate', 'delete']],
    [invoice({}), ['pay', 'credit', 'void', 'duplicate']],
    [invoice({ status: 'partly-paid', paidMinor: 1 }), ['pay', 'credit', 'duplicate']],
    [invoice({ status: 'settled', openMinor: 0, paidMinor: 100 }), ['credit', 'duplicate']],
    [invoice({ status: 'voided', openMinor: 0, creditedMinor: 100 }), ['duplicate']],
    [invoice({ kind: 'credit-note', status: 'settled', openMinor: 0 }), ['duplicate']],
  ] as const;

  assert.deepEqual(
    cases.map(([document]) => actionsOf(document, all)),
    cases.map(([, actions]) => actions),
  );
});

test('who may not issue is offered neither issuing, payment nor credit', () => {
  assert.deepEqual(actionsOf(invoice({ status: 'draft' }), clerk), ['edit', 'duplicate', 'delete']);
  assert.deepEqual(actionsOf(invoice({}), clerk), ['duplicate']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { creditRequest } from './credit-request.ts';

const line = (position: number, quantity: string, unitPriceMinor: number) => ({
  position,
  quantity,
  unitPriceMinor,
  description: 'x',
  unit: null,
  taxPpm: 190_000,
  netMinor: 0,
});
const lines = [line(1, '12', 48_000), line(2, '4', 78_000), line(3, '-1', 10_000)];
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a credit note follows from
const invoice = { lines } as InvoiceDetail;

test('creditRequest totals the chosen quantities with their tax', () => {
  const request = creditRequest(
    invoice,
    new Map([
      [1, '2'],
      [2, '0,5'],
    ]),
  );

  assert.deepEqual(request.lines, [
    { position: 1, quantity: '2' },
    { position: 2, quantity: '0.5' },
  ]);
  assert.equal(request.grossMinor, Math.round((96_000 + 39_000) * 1.19));
});

test('creditRequest refuses more than the line, nothing, and what is no number', () => {
  const request = creditRequest(
    invoice,
    new Map([
      [1, '13'],
      [2, 'x'],
      [3, '1'],
    ]),
  );

  assert.deepEqual([...request.wrong], [1, 2, 3]);
  assert.deepEqual(request.lines, []);
});

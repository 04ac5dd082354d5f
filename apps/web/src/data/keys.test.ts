import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';

import { keyOf, keysOf } from './keys.ts';

test('a key is the operation and its input', () => {
  deepEqual(keyOf('invoicing', 'getInvoice', { id: 'a' }), [
    'invoicing',
    'getInvoice',
    { id: 'a' },
  ]);
  deepEqual(keyOf('invoicing'), ['invoicing']);
});

test('a change of one invoice makes its own queries and the reports old', () => {
  deepEqual(keysOf({ topic: 'invoicing.invoice-issued', ids: ['a'] }), [
    ['invoicing', 'getInvoice', { id: 'a' }],
    ['reporting'],
  ]);
});

test('a change without ids makes the whole module old', () => {
  deepEqual(keysOf({ topic: 'payments.payment-received' }), [['payments'], ['reporting']]);
});

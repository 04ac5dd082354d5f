import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actionName, objectHref } from './names.ts';

const at = (action: string, objectId = 'x') => objectHref({ action, objectId });

test('an entry leads to the page of its object', () => {
  assert.equal(at('invoicing.invoice-issued'), '/invoices/x');
  assert.equal(at('customers.customer-changed'), '/customers/x');
  assert.equal(at('payments.payment-received'), '/payments/x');
  assert.equal(at('payments.payment-allocated'), '/invoices/x');
  assert.equal(at('customers.import-finished'), '/transfers/customers/x');
  assert.equal(at('invoicing.import-finished'), '/transfers/invoices/x');
  assert.equal(at('identity.session-ended'), undefined);
  assert.equal(at('invoicing.invoice-issued', ''), undefined);
});

test('an action is its words', () => {
  assert.equal(actionName('invoicing.credit-note-issued'), 'Credit note issued');
});

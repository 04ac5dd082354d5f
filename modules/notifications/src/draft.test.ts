import assert from 'node:assert/strict';
import { test } from 'node:test';

import { identity } from '@plinth/identity';
import { invoicing } from '@plinth/invoicing';
import type { Envelope } from '@plinth/messaging';
import { payments } from '@plinth/payments';

import { draftNotices } from './draft.ts';

const bo = { kind: 'user', id: 'bo' } as const;

function envelopeOf(name: string, body: unknown): Envelope {
  return {
    id: '01900000-0000-7000-8000-000000000001',
    name,
    version: 1,
    key: 'k',
    part: 0,
    tenant: 't',
    at: '2026-01-15T12:00:00.000Z',
    actor: bo,
    reqId: 'r',
    correlation: 'r',
    causation: null,
    headers: {},
    seq: '1',
    src: 0,
    attempt: 1,
    redriven: false,
    body,
  };
}
const overdue = (number: string) =>
  envelopeOf(invoicing.events.invoiceOverdue.name, {
    invoiceId: `id-${number}`,
    number,
    customerName: 'Acme',
  });
const payment = (number: string, method = 'transfer') =>
  envelopeOf(payments.events.paymentReceived.name, {
    paymentId: `id-${number}`,
    number,
    method,
    customerName: 'Acme',
    amountMinor: 100,
    currency: 'EUR',
  });

test('all invoices that became overdue on a day are one notice, with the newest', () => {
  const drafts = draftNotices([overdue('1'), overdue('2'), overdue('3')]);

  assert.deepEqual(
    drafts.map(({ objectId, count, groupKey }) => [objectId, count, groupKey]),
    [['id-3', 3, 'invoiceOverdue:2026-01-15']],
  );
});

test('a payment is told of to the bookkeepers but the one who recorded it', () => {
  const [draft] = draftNotices([payment('1')]);

  assert.deepEqual(
    [draft?.to, draft?.groupKey],
    [{ roles: ['owner', 'accountant'], except: 'bo' }, null],
  );
});

test('more than twenty payments at once are one notice', () => {
  const many = Array.from({ length: 21 }, (_, n) => payment(String(n)));

  assert.deepEqual(
    [many.slice(1), many].map((envelopes) => draftNotices(envelopes).map(({ count }) => count)),
    [Array(20).fill(1), [21]],
  );
});

test('opening payments of an import are not told of', () => {
  assert.deepEqual(draftNotices([payment('1', 'opening')]), []);
});

test('who joins is told of to the owners, but not the first users of a new company', () => {
  const body = { userId: 'cy', name: 'Cy', email: 'cy@x.example', role: 'viewer' };
  const joined = envelopeOf(identity.events.userJoined.name, body);
  const provisioned = { ...joined, actor: { kind: 'system', id: 'identity' } as const };

  assert.deepEqual(
    draftNotices([joined]).map(({ to }) => to),
    [{ roles: ['owner'], except: 'cy' }],
  );
  assert.deepEqual(draftNotices([provisioned]), []);
});

test('a change of role is told of to the one whom it concerns', () => {
  const body = { userId: 'cy', from: 'clerk', to: 'viewer' };

  const [draft] = draftNotices([envelopeOf(identity.events.roleChanged.name, body)]);

  assert.deepEqual([draft?.to, draft?.values], [{ user: 'cy' }, { from: 'clerk', to: 'viewer' }]);
});

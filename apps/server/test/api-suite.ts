import assert from 'node:assert/strict';

import { eventually } from '@plinth/testing';

import type { Product } from '../src/modules.ts';
import { bodyOf, signIn, text, type Call, type Person, type Reply } from './api.ts';
import { attemptsWith } from './attempts.ts';
import { password } from './site.ts';

interface Money {
  readonly id: string;
  readonly openMinor: number;
  readonly version: string;
}
interface Page<row> {
  readonly items: readonly row[];
}

/** Read beside others that run, or that end what the suite itself uses. */
const apart = new Set(['identity.signOut', 'identity.signIn', 'identity.acceptInvitation']);

/**
 * The product over HTTP as a company uses it: books from the customer to the credit note, whose sums are
 * checked, then every list and every read of every contract. Any database under it must give the same.
 *
 * @returns how many calls it made.
 */
export async function runApiSuite(
  url: string,
  company: string,
  modules: Product['modules'],
): Promise<number> {
  const owner = await signIn(url, `owner@${company}.example`, password);
  let calls = 0;
  const person: Person = {
    cookie: owner.cookie,
    send(method, path, call) {
      calls += 1;
      return owner.send(method, path, call);
    },
  };
  const books = await keepBooks(person);
  await checkSums(person, books);
  for (const id of [books.customerId, books.invoiceId]) await readEverything(person, modules, id);
  return calls;
}

interface Books {
  readonly customerId: string;
  readonly invoiceId: string;
}

async function keepBooks(person: Person): Promise<Books> {
  const customer = await made(person, '/v1/customers', {
    body: { name: 'Buyer Ltd', country: 'DE', currency: 'EUR' },
  });
  const customerId = text(customer, 'id');
  const line = { description: 'Work', quantity: '2', unitPriceMinor: 5_000, taxPpm: 190_000 };
  const draft = await made(person, '/v1/invoices', { body: { customerId, lines: [line] } });
  const invoiceId = text(draft, 'id');
  const changed = await person.send('PATCH', `/v1/invoices/${invoiceId}`, {
    version: text(draft, 'version'),
    body: { note: 'Thank you', lines: [line, { ...line, description: 'More work' }] },
  });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const twice = await Promise.all(
    [1, 2].map(() =>
      person.send('POST', `/v1/invoices/${invoiceId}/issue`, {
        key: `issue-${invoiceId}`,
        version: text(changed, 'version'),
      }),
    ),
  );
  assert(
    twice.some(({ status }) => status < 300),
    JSON.stringify(twice.map(({ body }) => body)),
  );
  // It comes to payments as an event.
  const payment = await made(person, '/v1/payments', {
    body: {
      customerId,
      receivedOn: '2026-01-15',
      currency: 'EUR',
      amountMinor: 10_000,
      method: 'transfer',
    },
  });
  const items = [{ invoiceId, amountMinor: 10_000 }];
  await eventually(
    () =>
      made(person, `/v1/payments/${text(payment, 'id')}/allocate`, {
        version: text(payment, 'version'),
        body: { allocate: { by: 'amounts', items } },
      }),
    { withinMs: 60_000 },
  );
  return { customerId, invoiceId };
}

/** 4 × 50.00 and 19 % are 238.00; 100.00 is paid. */
async function checkSums(person: Person, { customerId, invoiceId }: Books): Promise<void> {
  await eventually(
    async () => {
      const invoice = bodyOf<Money>(await person.send('GET', `/v1/invoices/${invoiceId}`));
      assert.equal(invoice.openMinor, 13_800);
    },
    { withinMs: 60_000 },
  );
  const { version } = bodyOf<Money>(await person.send('GET', `/v1/invoices/${invoiceId}`));
  await made(person, `/v1/invoices/${invoiceId}/credit`, {
    version,
    body: { reason: 'returned', lines: [{ position: 1, quantity: '1' }] },
  });
  await eventually(
    async () => {
      const invoice = bodyOf<Money>(await person.send('GET', `/v1/invoices/${invoiceId}`));
      const balances = await person.send('GET', `/v1/customers/${customerId}/balances`);
      assert.equal(invoice.openMinor, 7_850);
      assert.match(JSON.stringify(balances.body), /7850/u);
    },
    { withinMs: 60_000 },
  );
  for (const list of ['customers', 'invoices', 'payments', 'users', 'audit', 'notices']) {
    const page = bodyOf<Page<unknown>>(await person.send('GET', `/v1/${list}?limit=5`));
    assert(page.items.length > 0 || list === 'notices', list);
  }
}

/** Only reads: what a call answers to made-up input is its own business, but it answers. */
async function readEverything(
  person: Person,
  modules: Product['modules'],
  id: string,
): Promise<void> {
  for (const { name, method, path } of attemptsWith(modules, id)) {
    if (method !== 'GET' || apart.has(name)) continue;
    const reply = await person.send('GET', path);
    assert(reply.status < 500, `${name}: ${JSON.stringify(reply.body)}`);
  }
}

async function made(person: Person, path: string, call: Call): Promise<Reply> {
  const reply = await person.send('POST', path, call);
  assert(reply.status < 300, `${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply;
}

import { implement, type Implementation } from '@plinth/contract';
import type { Envelope } from '@plinth/messaging';
import type { Migrations } from '@plinth/postgres';
import { defineChannel, type Invalidation } from '@plinth/realtime';
import { z } from '@plinth/core/z';

import { archiveCustomer, restoreCustomer } from './archive-customer.ts';
import { changeCustomer, setContacts } from './change-customer.ts';
import { customers } from './contract.ts';
import { createCustomer } from './create-customer.ts';
import { ensureCustomers } from './ensure-customers.ts';
import { importOperations } from './imports.ts';
import { listOperations } from './lists.ts';
import type { CustomersNeeds } from './needs.ts';
import { debtEvents, onDocumentsChanged } from './on-documents-changed.ts';
import { readOperations } from './reads.ts';
import { importCustomersJob, runImport } from './run-import.ts';

export type { CustomersNeeds } from './needs.ts';
export { recountTenant } from './on-documents-changed.ts';

export const migrations: Migrations = {
  module: 'customers',
  folder: new URL('../migrations/', import.meta.url),
};

/** Says which customers to read again, to all who look at some. */
export const customersChannel = defineChannel<Invalidation>({
  pattern: 't/{tenant}/customers',
  schema: z.object({ topic: z.string(), ids: z.array(z.string()).optional() }),
  authorize: ({ permissions }) => permissions.has('customers.read'),
});

/** Registers its subscriptions, its job and its channel on what it is given. */
export function createCustomers(needs: CustomersNeeds): Implementation<typeof customers> {
  subscribe(needs);
  needs.jobs.define(importCustomersJob, ({ importId }, x) => runImport(needs, x, importId));
  return implement(customers, {
    ...listOperations(needs),
    ...readOperations(needs),
    createCustomer: (ctx, input) => createCustomer(needs, ctx, input),
    changeCustomer: (ctx, input) => changeCustomer(needs, ctx, input),
    setContacts: (ctx, input) => setContacts(needs, ctx, input),
    archiveCustomer: (ctx, input) => archiveCustomer(needs, ctx, input),
    restoreCustomer: (ctx, input) => restoreCustomer(needs, ctx, input),
    ensureCustomers: async (ctx, { items }) => ({
      items: await ensureCustomers(needs, ctx, items),
    }),
    ...importOperations(needs),
  });
}

const { customerCreated, customerChanged, customerArchived, customerRestored } = customers.events;

function subscribe(needs: CustomersNeeds): void {
  needs.messaging.subscribe({
    name: 'customers.balances',
    event: debtEvents,
    handle: (envelope, delivery) => onDocumentsChanged(needs, [envelope], delivery),
    handleBatch: (envelopes, delivery) => onDocumentsChanged(needs, envelopes, delivery),
  });
  const channel = needs.realtime.channel(customersChannel);
  const tell = async (envelopes: readonly Envelope<{ customerId: string }>[]) => {
    const [first] = envelopes;
    if (first === undefined || first.tenant === null) return;
    const ids = [...new Set(envelopes.map(({ body }) => body.customerId))];
    await channel.publish({ tenant: first.tenant }, { topic: first.name, ids });
  };
  needs.messaging.subscribe({
    name: 'customers.live',
    event: [customerCreated, customerChanged, customerArchived, customerRestored],
    handle: (envelope) => tell([envelope]),
    handleBatch: (envelopes) => tell(envelopes),
  });
}

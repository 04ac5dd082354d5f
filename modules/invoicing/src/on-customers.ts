import { customers } from '@plinth/customers';

import { renameCustomer } from './balance-table.ts';
import { invoicing } from './contract.ts';
import type { InvoicingNeeds } from './needs.ts';
import { factsOf } from './wire.ts';

/** Drafts carry their customer's present name. */
export function followCustomers({ messaging }: InvoicingNeeds): void {
  messaging.subscribe({
    name: 'invoicing.draft-names',
    event: customers.events.customerChanged,
    async handle({ body }, { tx }) {
      if (!body.changes.some(({ field }) => field === 'name')) return;
      for (const row of await renameCustomer(tx, body.customerId)) {
        messaging.outbox.publish(tx, invoicing.events.invoiceChanged, factsOf(row));
      }
    },
  });
}

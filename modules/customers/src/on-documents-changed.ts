import { invoicing } from '@plinth/invoicing';
import { isEvent, type Delivery, type Envelope } from '@plinth/messaging';
import { payments } from '@plinth/payments';

import {
  applyDocuments,
  clearBalances,
  clearOpenDocuments,
  copyAllBalances,
  copyBalances,
  recountBalances,
  recountOpenDocuments,
} from './balances-table.ts';
import type { CustomersNeeds } from './needs.ts';
import type { Context } from '@plinth/postgres';

const { invoiceIssued, creditNoteIssued, invoiceVoided, invoiceBalanceChanged, invoiceOverdue } =
  invoicing.events;
const { paymentReceived, paymentRefunded, paymentBalanceChanged } = payments.events;
const ofInvoices = [
  invoiceIssued,
  creditNoteIssued,
  invoiceVoided,
  invoiceBalanceChanged,
  invoiceOverdue,
] as const;
const ofPayments = [paymentReceived, paymentRefunded, paymentBalanceChanged] as const;

/** All that can change what a customer owes. */
export const debtEvents = [...ofInvoices, ...ofPayments] as const;

/** Brings the balances up to what the documents of these events are now, whatever they were at the event. */
export async function onDocumentsChanged(
  needs: CustomersNeeds,
  envelopes: readonly Envelope[],
  { tx, ctx }: Pick<Delivery, 'tx' | 'ctx'>,
): Promise<void> {
  const invoiceIds = new Set<string>();
  const paymentIds = new Set<string>();
  for (const envelope of envelopes) {
    for (const event of ofInvoices) {
      if (isEvent(envelope, event)) invoiceIds.add(envelope.body.invoiceId);
    }
    for (const event of ofPayments) {
      if (isEvent(envelope, event)) paymentIds.add(envelope.body.paymentId);
    }
  }
  const { today } = await needs.calendar(ctx);
  const changed = await tx.many(applyDocuments, {
    invoiceIds: [...invoiceIds],
    paymentIds: [...paymentIds],
    today,
  });
  if (changed.length === 0) return;
  const customerIds = [...new Set(changed.map(({ customerId }) => customerId))];
  await tx.run(copyBalances, { customerIds });
}

/** Counts the balances of a whole tenant anew: behind a seed, which publishes no events. */
export async function recountTenant(needs: CustomersNeeds, context: Context): Promise<void> {
  const { today } = await needs.calendar(context);
  await needs.database.write(context, async (tx) => {
    await tx.run(clearBalances, {});
    await tx.run(clearOpenDocuments, {});
    await tx.run(recountOpenDocuments, { today });
    await tx.run(recountBalances, {});
    await tx.run(copyAllBalances, {});
  });
}

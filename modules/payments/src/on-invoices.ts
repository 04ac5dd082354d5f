import assert from 'node:assert/strict';

import type { BodyOf, NamedEvent } from '@plinth/contract';
import { invoicing } from '@plinth/invoicing';
import { isEvent, type Envelope } from '@plinth/messaging';
import type { Transaction } from '@plinth/postgres';

import { addAllocations } from './allocation-table.ts';
import { payments } from './contract.ts';
import { instantOf, type PaymentsNeeds } from './needs.ts';
import { insertItems, type NewItem } from './open-item-table.ts';
import { insertPayments, type NewPayment } from './payment-table.ts';
import { releaseExcess, type CreditedItem } from './release-excess.ts';
import { factsOf } from './wire.ts';

type Issued = BodyOf<typeof invoicing.events.invoiceIssued>;
const { invoiceIssued, invoiceVoided, invoiceBalanceChanged } = invoicing.events;

/** Keeps the open items: what may be allocated to which invoice. */
export function followInvoices(needs: PaymentsNeeds): void {
  const apply = async (envelopes: readonly Envelope[], tx: Transaction): Promise<void> => {
    const issued: Issued[] = [];
    const credited = new Map<string, CreditedItem>();
    for (const envelope of envelopes) {
      if (isEvent(envelope, invoiceIssued)) issued.push(envelope.body);
      else if (isEvent(envelope, invoiceVoided) || isEvent(envelope, invoiceBalanceChanged)) {
        noteCredit(credited, envelope.body);
      }
    }
    if (issued.length > 0) await openItems(needs, tx, issued);
    if (credited.size > 0) await releaseExcess(needs, tx, [...credited.values()]);
  };
  needs.messaging.subscribe<NamedEvent>({
    name: 'payments.open-items',
    event: [invoiceIssued, invoiceVoided, invoiceBalanceChanged],
    from: 'retained',
    handle: (envelope, { tx }) => apply([envelope], tx),
    handleBatch: (envelopes, { tx }) => apply(envelopes, tx),
  });
}

function noteCredit(
  credited: Map<string, CreditedItem>,
  body: BodyOf<typeof invoiceBalanceChanged>,
): void {
  const { invoiceId, creditedMinor, version } = body;
  const known = credited.get(invoiceId);
  if (known !== undefined && known.version > version) return;
  credited.set(invoiceId, { invoiceId, creditedMinor: BigInt(creditedMinor), version });
}

/** One that was paid before it came here is settled by an opening payment; its invoice knows that already. */
async function openItems(
  needs: PaymentsNeeds,
  tx: Transaction,
  issued: readonly Issued[],
): Promise<void> {
  const fresh = await insertItems(tx, issued.map(toItem));
  const opened = issued.flatMap((invoice) => {
    const { opening } = invoice;
    if (opening === null || !fresh.has(invoice.invoiceId)) return [];
    return [{ invoice, payment: openingPayment(needs.newId(), invoice, opening) }];
  });
  if (opened.length === 0) return;
  const now = instantOf(needs);
  const rows = await insertPayments(
    tx,
    opened.map(({ payment }) => payment),
    now,
  );
  await addAllocations(
    tx,
    opened.map(({ invoice, payment }) => ({
      paymentId: payment.id,
      invoiceId: invoice.invoiceId,
      amountMinor: payment.amountMinor,
    })),
    now,
  );
  for (const row of rows) {
    needs.messaging.outbox.publish(tx, payments.events.paymentReceived, factsOf(row));
  }
}

function toItem(invoice: Issued): NewItem {
  const { invoiceId, number, customerId, customerName, currency, issueDate, dueDate } = invoice;
  assert(number !== null, 'an issued invoice has a number');
  return {
    invoiceId,
    number,
    customerId,
    customerName,
    currency,
    issueDate,
    dueDate,
    grossMinor: BigInt(invoice.grossMinor),
    allocatedMinor: BigInt(invoice.opening?.amountMinor ?? 0),
    version: invoice.version,
  };
}

function openingPayment(
  id: string,
  { customerId, customerName, currency, number }: Issued,
  opening: NonNullable<Issued['opening']>,
): NewPayment {
  const amountMinor = BigInt(opening.amountMinor);
  return {
    id,
    customerId,
    customerName,
    currency,
    receivedOn: opening.paidOn,
    method: 'opening',
    status: 'allocated',
    amountMinor,
    allocatedMinor: amountMinor,
    reference: number ?? '',
    note: '',
  };
}

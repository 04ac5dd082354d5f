import type { BodyOf } from '@plinth/contract';
import { payments } from '@plinth/payments';
import type { Transaction } from '@plinth/postgres';

import { lockInvoices, savePaid, type PaidRow } from './balance-table.ts';
import { invoicing } from './contract.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { statusOf } from './status.ts';
import { factsOf } from './wire.ts';

type Allocation = BodyOf<typeof payments.events.paymentAllocated>;

/**
 * What is paid follows what module payments allocates. Its events say the whole amount and a sequence, so that
 * one that comes twice, or late, changes nothing.
 */
export function followPayments(needs: InvoicingNeeds): void {
  needs.messaging.subscribe({
    name: 'invoicing.paid-amounts',
    event: [payments.events.paymentAllocated, payments.events.paymentUnallocated],
    from: 'retained',
    handle: ({ body }, { tx }) => applyAllocations(needs, tx, [body]),
    handleBatch: (envelopes, { tx }) =>
      applyAllocations(
        needs,
        tx,
        envelopes.map(({ body }) => body),
      ),
  });
}

async function applyAllocations(
  needs: InvoicingNeeds,
  tx: Transaction,
  allocations: readonly Allocation[],
): Promise<void> {
  const newest = new Map<string, Allocation>();
  for (const allocation of allocations) {
    const known = newest.get(allocation.invoiceId);
    if (known === undefined || known.sequence < allocation.sequence) {
      newest.set(allocation.invoiceId, allocation);
    }
  }
  const locked = await lockInvoices(tx, [...newest.keys()]);
  const before = new Map(locked.map((row) => [row.id, row]));
  const changes = locked.flatMap((row) => {
    const allocation = newest.get(row.id);
    const isNew = allocation !== undefined && allocation.sequence > row.paymentSequence;
    return isNew ? [paidRow(row, allocation)] : [];
  });
  if (changes.length === 0) return;
  for (const row of await savePaid(tx, changes, instantOf(needs))) {
    publishBalance(needs, tx, row, before.get(row.id)?.status);
  }
}

function paidRow(row: InvoiceRow, allocation: Allocation): PaidRow {
  const paidMinor = BigInt(allocation.paidMinor);
  const status = statusOf({ ...row, paidMinor });
  return { id: row.id, paidMinor, sequence: allocation.sequence, status };
}

function publishBalance(
  { messaging: { outbox } }: InvoicingNeeds,
  tx: Transaction,
  row: InvoiceRow,
  statusBefore: string | undefined,
): void {
  const facts = factsOf(row);
  outbox.publish(tx, invoicing.events.invoiceBalanceChanged, facts);
  if (row.status === 'settled' && statusBefore !== 'settled') {
    outbox.publish(tx, invoicing.events.invoiceSettled, facts);
  }
}

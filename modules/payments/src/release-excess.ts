import assert from 'node:assert/strict';

import type { Transaction } from '@plinth/postgres';

import { findPaymentsOf, takeAllocations, type AllocationKey } from './allocation-table.ts';
import { payments } from './contract.ts';
import { instantOf, type PaymentsNeeds } from './needs.ts';
import { changeAllocated, lockItems, saveCredited, type ItemRow } from './open-item-table.ts';
import { lockPayments, savePayments, type PaymentRow } from './payment-table.ts';
import { statusOf, sumOf } from './spread.ts';
import { allocationFacts, factsOf } from './wire.ts';

/** What an invoice has credited, by the version of its row. */
export interface CreditedItem {
  readonly invoiceId: string;
  readonly creditedMinor: bigint;
  readonly version: number;
}

/**
 * Takes over what credit notes took off. Where more is allocated than is left, the newest allocations are taken
 * back: a credit note over a paid invoice turns the payment into credit.
 */
export async function releaseExcess(
  needs: PaymentsNeeds,
  tx: Transaction,
  credited: readonly CreditedItem[],
): Promise<void> {
  const ids = credited.map(({ invoiceId }) => invoiceId).toSorted();
  const items = await lockItems(tx, ids);
  const taken: AllocationKey[] = [];
  for (const { invoiceId, creditedMinor, version } of credited) {
    const item = items.get(invoiceId);
    // A row that was made of the read view just now knows this credit note already.
    if (item === undefined) continue;
    const known = item.version >= version ? item.creditedMinor : creditedMinor;
    taken.push(...(await newestOver(tx, item, known)));
  }
  await takeBack(needs, tx, taken);
  await saveCredited(tx, credited);
}

/** The newest allocations, as far as they lie beyond what is left of the invoice. */
async function newestOver(
  tx: Transaction,
  { invoiceId, grossMinor, allocatedMinor }: ItemRow,
  creditedMinor: bigint,
): Promise<AllocationKey[]> {
  let excess = allocatedMinor - (grossMinor - creditedMinor);
  if (excess <= 0n) return [];
  const taken: AllocationKey[] = [];
  for (const { paymentId, amountMinor } of await findPaymentsOf(tx, invoiceId)) {
    if (excess <= 0n) break;
    const part = amountMinor < excess ? amountMinor : excess;
    taken.push({ paymentId, invoiceId, amountMinor: part });
    excess -= part;
  }
  return taken;
}

async function takeBack(
  needs: PaymentsNeeds,
  tx: Transaction,
  taken: readonly AllocationKey[],
): Promise<void> {
  if (taken.length === 0) return;
  const { outbox } = needs.messaging;
  const locked = await lockPayments(tx, [...new Set(taken.map(({ paymentId }) => paymentId))]);
  await takeAllocations(tx, taken);
  const amountOf = Map.groupBy(taken, ({ invoiceId }) => invoiceId);
  const items = await changeAllocated(
    tx,
    [...amountOf].map(([invoiceId, parts]) => ({ invoiceId, amountMinor: -sumOf(parts) })),
  );
  const after = locked.map((payment) => less(payment, taken));
  const saved = await savePayments(tx, after, instantOf(needs));
  const paymentOf = new Map(saved.map((payment) => [payment.id, payment]));
  for (const { paymentId, invoiceId, amountMinor } of taken) {
    const payment = paymentOf.get(paymentId);
    const item = items.get(invoiceId);
    assert(payment !== undefined && item !== undefined, 'both were locked by this transaction');
    const body = allocationFacts(payment, item, amountMinor, 'released');
    outbox.publish(tx, payments.events.paymentUnallocated, body);
  }
  for (const payment of saved) {
    outbox.publish(tx, payments.events.paymentBalanceChanged, factsOf(payment));
  }
}

function less(payment: PaymentRow, taken: readonly AllocationKey[]): PaymentRow {
  const own = taken.filter(({ paymentId }) => paymentId === payment.id);
  const after = { ...payment, allocatedMinor: payment.allocatedMinor - sumOf(own) };
  return { ...after, status: statusOf(after) };
}

import type { z } from '@plinth/core/z';
import type { Transaction } from '@plinth/postgres';

import { addAllocations } from './allocation-table.ts';
import { payments } from './contract.ts';
import type { PaymentsNeeds } from './needs.ts';
import { changeAllocated, findOpen, lockItems, type ItemRow } from './open-item-table.ts';
import type { PaymentRow } from './payment-table.ts';
import { spreadAmounts, spreadOldestFirst, type Share, type Source } from './spread.ts';
import { allocationFacts } from './wire.ts';

export type Spread = z.output<
  (typeof payments)['operations']['allocatePayment']['input']
>['allocate'];

/** Invoices that one payment can be spread over at once. */
const itemsMax = 200;

/** Locks the invoices that a spread may touch, oldest lock first: call it before a payment is locked. */
export async function lockWanted(
  tx: Transaction,
  source: Pick<Source, 'customerId' | 'currency'>,
  spread: Spread,
): Promise<Map<string, ItemRow>> {
  return lockItems(tx, await wantedIds(tx, source, spread));
}

async function wantedIds(
  tx: Transaction,
  { customerId, currency }: Pick<Source, 'customerId' | 'currency'>,
  spread: Spread,
): Promise<string[]> {
  if (spread.by === 'amounts') return spread.items.map(({ invoiceId }) => invoiceId);
  if (spread.invoiceIds !== undefined) return spread.invoiceIds;
  const open = await findOpen(tx, { customerId, currency, rowsMax: itemsMax });
  return open.map(({ invoiceId }) => invoiceId);
}

/** @throws {Problem} those of spreadAmounts. */
export function spreadOver(
  source: Source,
  items: ReadonlyMap<string, ItemRow>,
  spread: Spread,
): Share[] {
  if (spread.by === 'oldest-first') return spreadOldestFirst(source, items.values());
  const wishes = spread.items.map(({ invoiceId, amountMinor }) => ({
    invoiceId,
    amountMinor: BigInt(amountMinor),
  }));
  return spreadAmounts(source, items, wishes);
}

/** Writes the shares and says so, one event an invoice. The items are locked by this transaction. */
export async function allocateShares(
  { messaging: { outbox } }: Pick<PaymentsNeeds, 'messaging'>,
  tx: Transaction,
  { payment, shares, now }: { payment: PaymentRow; shares: readonly Share[]; now: string },
): Promise<void> {
  if (shares.length === 0) return;
  const amounts = shares.map(({ item, amountMinor }) => ({
    paymentId: payment.id,
    invoiceId: item.invoiceId,
    amountMinor,
  }));
  await addAllocations(tx, amounts, now);
  const after = await changeAllocated(tx, amounts);
  for (const { invoiceId, amountMinor } of amounts) {
    const item = after.get(invoiceId);
    if (item === undefined) continue;
    const body = allocationFacts(payment, item, amountMinor, 'asked');
    outbox.publish(tx, payments.events.paymentAllocated, body);
  }
}

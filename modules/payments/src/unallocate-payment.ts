import assert from 'node:assert/strict';

import type { Ctx } from '@plinth/core';

import {
  findAllocations,
  findInvoiceIds,
  takeAllocations,
  type AllocationRow,
} from './allocation-table.ts';
import { payments } from './contract.ts';
import { lockPayment, type Wanted } from './lock.ts';
import { instantOf, type PaymentsNeeds } from './needs.ts';
import { changeAllocated, lockItems } from './open-item-table.ts';
import { savePayments } from './payment-table.ts';
import { refused, statusOf, sumOf } from './spread.ts';
import {
  allocationFacts,
  factsOf,
  readDetail,
  requirePayment,
  type PaymentDetail,
} from './wire.ts';

/**
 * Takes the payment back from invoices: they are open again, the money is credit again.
 *
 * @throws {Problem} `payments.unknown`, `http.stale_version`, `payments.not_allocated`.
 */
export async function unallocatePayment(
  needs: PaymentsNeeds,
  ctx: Ctx,
  input: Wanted & { readonly invoiceIds?: readonly string[] | undefined },
): Promise<PaymentDetail> {
  return needs.database.write(ctx, async (tx) => {
    await requirePayment(tx, input.id);
    await lockItems(tx, input.invoiceIds ?? (await findInvoiceIds(tx, input.id)));
    const before = await lockPayment(tx, input);
    const taken = chosen(await findAllocations(tx, input.id), input.invoiceIds);
    const keys = taken.map(({ invoiceId, amountMinor }) => ({
      paymentId: input.id,
      invoiceId,
      amountMinor,
    }));
    await takeAllocations(tx, keys);
    const items = await changeAllocated(
      tx,
      keys.map(({ invoiceId, amountMinor }) => ({ invoiceId, amountMinor: -amountMinor })),
    );
    const now = instantOf(needs);
    const allocatedMinor = before.allocatedMinor - sumOf(taken);
    const after = { ...before, allocatedMinor };
    const [payment] = await savePayments(tx, [{ ...after, status: statusOf(after) }], now);
    assert(payment !== undefined, 'the payment was locked by this transaction');
    const { outbox } = needs.messaging;
    for (const { invoiceId, amountMinor } of keys) {
      const item = items.get(invoiceId);
      if (item === undefined) continue;
      const body = allocationFacts(payment, item, amountMinor, 'asked');
      outbox.publish(tx, payments.events.paymentUnallocated, body);
    }
    outbox.publish(tx, payments.events.paymentBalanceChanged, factsOf(payment));
    return readDetail(tx, payment);
  });
}

function chosen(
  allocations: readonly AllocationRow[],
  invoiceIds: readonly string[] | undefined,
): readonly AllocationRow[] {
  if (allocations.length === 0) {
    throw refused('payments.not_allocated', 'No invoice has taken any of this payment.');
  }
  if (invoiceIds === undefined) return allocations;
  const byInvoice = new Map(allocations.map((each) => [each.invoiceId, each]));
  return [...new Set(invoiceIds)].map((invoiceId) => {
    const allocation = byInvoice.get(invoiceId);
    if (allocation !== undefined) return allocation;
    throw refused(
      'payments.not_allocated',
      'This invoice has taken none of the payment.',
      '/invoiceIds',
    );
  });
}

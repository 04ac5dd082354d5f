import assert from 'node:assert/strict';

import type { Ctx } from '@plinth/core';

import { allocateShares, lockWanted, spreadOver, type Spread } from './apply-spread.ts';
import { payments } from './contract.ts';
import { lockPayment, type Wanted } from './lock.ts';
import { instantOf, type PaymentsNeeds } from './needs.ts';
import { savePayments } from './payment-table.ts';
import { refused, statusOf, sumOf } from './spread.ts';
import { factsOf, readDetail, requirePayment, type PaymentDetail } from './wire.ts';

/**
 * Spreads what is left of a payment. Locks the invoices by id, then the payment.
 *
 * @throws {Problem} `payments.unknown`, `http.stale_version`, those of spreadAmounts, and `payments.exceeds_payment`
 *   when nothing is left.
 */
export async function allocatePayment(
  needs: PaymentsNeeds,
  ctx: Ctx,
  input: Wanted & { readonly allocate: Spread },
): Promise<PaymentDetail> {
  return needs.database.write(ctx, async (tx) => {
    const { customerId, currency } = await requirePayment(tx, input.id);
    const items = await lockWanted(tx, { customerId, currency }, input.allocate);
    const before = await lockPayment(tx, input);
    if (before.unallocatedMinor === 0n) {
      throw refused('payments.exceeds_payment', `Nothing is left of ${before.number}.`);
    }
    const source = { customerId, currency, leftMinor: before.unallocatedMinor };
    const shares = spreadOver(source, items, input.allocate);
    if (shares.length === 0) return readDetail(tx, before);
    const now = instantOf(needs);
    const allocatedMinor = before.allocatedMinor + sumOf(shares);
    const after = { ...before, allocatedMinor };
    const [payment] = await savePayments(tx, [{ ...after, status: statusOf(after) }], now);
    assert(payment !== undefined, 'the payment was locked by this transaction');
    await allocateShares(needs, tx, { payment, shares, now });
    needs.messaging.outbox.publish(tx, payments.events.paymentBalanceChanged, factsOf(payment));
    return readDetail(tx, payment);
  });
}

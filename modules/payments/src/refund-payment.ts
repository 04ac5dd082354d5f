import assert from 'node:assert/strict';

import type { Ctx } from '@plinth/core';

import { payments } from './contract.ts';
import { lockPayment, type Wanted } from './lock.ts';
import { instantOf, type PaymentsNeeds } from './needs.ts';
import { insertRefund, savePayments } from './payment-table.ts';
import { checkDay } from './record-payment.ts';
import { refused, statusOf } from './spread.ts';
import { factsOf, readDetail, type PaymentDetail } from './wire.ts';

interface RefundInput extends Wanted {
  readonly amountMinor: number;
  readonly refundedOn: string;
  readonly reason: string;
}

/** @throws {Problem} `payments.unknown`, `http.stale_version`, `payments.exceeds_payment`, `payments.bad_date`. */
export async function refundPayment(
  needs: PaymentsNeeds,
  ctx: Ctx,
  input: RefundInput,
): Promise<PaymentDetail> {
  const { refundedOn, reason } = input;
  const { today } = await needs.calendar(ctx);
  checkDay(refundedOn, today, '/refundedOn');
  return needs.database.write(ctx, async (tx) => {
    const before = await lockPayment(tx, input);
    const amountMinor = BigInt(input.amountMinor);
    if (amountMinor > before.unallocatedMinor) {
      const message = `Only ${before.unallocatedMinor} ${before.currency} minor units of ${before.number} are credit.`;
      throw refused('payments.exceeds_payment', message, '/amountMinor');
    }
    const now = instantOf(needs);
    const refundedMinor = before.refundedMinor + amountMinor;
    const after = { ...before, refundedMinor };
    await insertRefund(tx, {
      id: needs.newId(),
      paymentId: before.id,
      amountMinor,
      refundedOn,
      reason,
      now,
    });
    const [payment] = await savePayments(tx, [{ ...after, status: statusOf(after) }], now);
    assert(payment !== undefined, 'the payment was locked by this transaction');
    const refund = { refundMinor: input.amountMinor, refundedOn, reason };
    const body = { ...factsOf(payment), ...refund };
    needs.messaging.outbox.publish(tx, payments.events.paymentRefunded, body);
    return readDetail(tx, payment);
  });
}

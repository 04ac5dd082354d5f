import assert from 'node:assert/strict';

import type { Ctx } from '@plinth/core';
import type { z } from '@plinth/core/z';

import { allocateShares, lockWanted, spreadOver } from './apply-spread.ts';
import { payments } from './contract.ts';
import { instantOf, type PaymentsNeeds } from './needs.ts';
import { findCustomer, insertPayments } from './payment-table.ts';
import { refused, statusOf, sumOf } from './spread.ts';
import { factsOf, readDetail, type PaymentDetail } from './wire.ts';

type RecordInput = z.output<(typeof payments)['operations']['recordPayment']['input']>;

const currencies = new Set(Intl.supportedValuesOf('currency'));

/**
 * Books money received and, if asked, spreads it at once; what no invoice takes stays the customer's credit.
 *
 * @throws {Problem} `payments.unknown_customer`, `payments.bad_currency`, `payments.bad_date`, and those of spreadAmounts.
 */
export async function recordPayment(
  needs: PaymentsNeeds,
  ctx: Ctx,
  input: RecordInput,
): Promise<PaymentDetail> {
  const { customerId, currency, receivedOn } = input;
  if (!currencies.has(currency)) {
    throw refused('payments.bad_currency', `${currency} is no currency of ISO 4217.`, '/currency');
  }
  const { today } = await needs.calendar(ctx);
  checkDay(receivedOn, today, '/receivedOn');
  return needs.database.write(ctx, async (tx) => {
    const customer = await findCustomer(tx, customerId);
    if (customer === undefined) {
      throw refused('payments.unknown_customer', 'There is no such customer.', '/customerId');
    }
    const amountMinor = BigInt(input.amountMinor);
    const source = { customerId, currency, leftMinor: amountMinor };
    const { allocate } = input;
    const shares =
      allocate === undefined
        ? []
        : spreadOver(source, await lockWanted(tx, source, allocate), allocate);
    const allocatedMinor = sumOf(shares);
    const now = instantOf(needs);
    const [payment] = await insertPayments(
      tx,
      [
        {
          id: needs.newId(),
          customerId,
          customerName: customer.name,
          receivedOn,
          method: input.method,
          status: statusOf({ amountMinor, allocatedMinor, refundedMinor: 0n }),
          currency,
          amountMinor,
          allocatedMinor,
          reference: input.reference ?? '',
          note: input.note ?? '',
        },
      ],
      now,
    );
    assert(payment !== undefined, 'an insert returns its row');
    needs.messaging.outbox.publish(tx, payments.events.paymentReceived, factsOf(payment));
    await allocateShares(needs, tx, { payment, shares, now });
    return readDetail(tx, payment);
  });
}

/** A day may be one ahead: it is tomorrow already where some people work. */
export function checkDay(day: string, today: string, pointer: string): void {
  const aheadMs = Date.parse(day) - Date.parse(today);
  if (aheadMs <= 86_400_000) return;
  throw refused('payments.bad_date', 'The day lies in the future.', pointer);
}

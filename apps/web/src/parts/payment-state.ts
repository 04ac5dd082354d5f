import type { z } from '@plinth/core/z';
import type { payments } from '@plinth/payments';
import type { GlyphName, Tone } from '@plinth/ui/core';

export type PaymentRow = z.output<
  typeof payments.operations.rowsOfPayments.output
>['items'][number];
export type PaymentDetail = z.output<typeof payments.operations.getPayment.output>;

interface Look {
  readonly tone: Tone;
  readonly glyph: GlyphName;
}

const looks: Readonly<Record<PaymentRow['status'], Look>> = {
  open: { tone: 'info', glyph: 'partly' },
  allocated: { tone: 'ok', glyph: 'settled' },
  refunded: { tone: 'neutral', glyph: 'voided' },
};

export function lookOfPayment({ status }: Pick<PaymentRow, 'status'>): Look {
  return looks[status];
}

/** Of what stayed with us, how much pays invoices: 0 to 1. */
export function allocatedRatio({
  amountMinor,
  refundedMinor,
  allocatedMinor,
}: Pick<PaymentRow, 'amountMinor' | 'refundedMinor' | 'allocatedMinor'>): number {
  const kept = amountMinor - refundedMinor;
  return kept <= 0 ? 1 : allocatedMinor / kept;
}

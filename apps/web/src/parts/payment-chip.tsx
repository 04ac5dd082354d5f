import { Chip, useWords } from '@plinth/ui/core';

import english from '../../messages/en/payment-parts.json';
import { lookOfPayment, type PaymentRow } from './payment-state.ts';

interface PaymentChipProps {
  readonly payment: Pick<PaymentRow, 'status'>;
}

export function PaymentChip({ payment }: PaymentChipProps) {
  const t = useWords(english);
  return <Chip {...lookOfPayment(payment)}>{t(`status_${payment.status}`)}</Chip>;
}

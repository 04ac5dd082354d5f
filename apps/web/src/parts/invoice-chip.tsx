import { Chip, useLocale, useWords } from '@plinth/ui/core';

import english from '../../messages/en/invoice-parts.json';
import { dueIn, type InvoiceRow, lookOf, stateOf } from './invoice-state.ts';

interface InvoiceChipProps {
  readonly invoice: Pick<InvoiceRow, 'status' | 'dueDate' | 'openMinor'>;
  /** Overdue says for how many days. */
  readonly days?: boolean;
}

export function InvoiceChip({ invoice, days = false }: InvoiceChipProps) {
  const t = useWords(english);
  const { today } = useLocale();
  const state = stateOf(invoice, today);
  const due = dueIn(invoice, today);
  const late = days && due !== undefined && 'late' in due ? due.late : undefined;
  return (
    <Chip {...lookOf(state)}>{late === undefined ? t(state) : t('overdue_days', { n: late })}</Chip>
  );
}

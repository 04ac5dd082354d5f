import type { invoicing } from '@plinth/invoicing';
import { daysLate, isOverdue } from '@plinth/invoicing/browser';
import type { z } from '@plinth/core/z';
import type { GlyphName, Tone } from '@plinth/ui/core';

export type InvoiceRow = z.output<
  typeof invoicing.operations.rowsOfInvoices.output
>['items'][number];
export type InvoiceDetail = z.output<typeof invoicing.operations.getInvoice.output>;

/** What a chip says: the stored status, or what follows from the day. */
export type InvoiceState = InvoiceRow['status'] | 'overdue';

type Dated = Pick<InvoiceRow, 'status' | 'dueDate' | 'openMinor'>;

/** *Overdue* stands in place of issued and partly paid: it is what somebody acts on. */
export function stateOf(invoice: Dated, today: string): InvoiceState {
  return isOverdue(invoice, today) ? 'overdue' : invoice.status;
}

interface Look {
  readonly tone: Tone;
  readonly glyph: GlyphName;
}

const looks: Readonly<Record<InvoiceState, Look>> = {
  draft: { tone: 'neutral', glyph: 'draft' },
  issued: { tone: 'info', glyph: 'issued' },
  'partly-paid': { tone: 'info', glyph: 'partly' },
  settled: { tone: 'ok', glyph: 'settled' },
  voided: { tone: 'neutral', glyph: 'voided' },
  overdue: { tone: 'danger', glyph: 'overdue' },
};

export function lookOf(state: InvoiceState): Look {
  return looks[state];
}

/** Days past due of what is overdue, days left of what is open and not yet due; undefined where no day matters. */
export function dueIn(
  invoice: Dated,
  today: string,
): { readonly late: number } | { readonly left: number } | undefined {
  if (isOverdue(invoice, today)) return { late: daysLate(invoice, today) };
  const open = invoice.status === 'issued' || invoice.status === 'partly-paid';
  return open && invoice.openMinor > 0 ? { left: -daysLate(invoice, today) } : undefined;
}

/** Of the total, what was paid: 0 to 1. Credit notes make the total smaller. */
export function paidRatio({
  grossMinor,
  creditedMinor,
  paidMinor,
}: Pick<InvoiceRow, 'grossMinor' | 'creditedMinor' | 'paidMinor'>): number {
  const due = grossMinor - creditedMinor;
  return due <= 0 ? 1 : Math.min(1, Math.max(0, paidMinor / due));
}

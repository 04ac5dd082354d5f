import { dueIn, type InvoiceDetail } from './invoice-state.ts';

/** What happened to a document and what comes next, by day. */
export type InvoiceEvent =
  | { readonly kind: 'issued' | 'due' | 'overdue' | 'settled'; readonly day: string }
  | {
      readonly kind: 'payment';
      readonly day: string;
      readonly id: string;
      readonly amountMinor: number;
      readonly method: string;
      readonly reference: string | null;
    }
  | {
      readonly kind: 'credit';
      readonly day: string;
      readonly id: string;
      readonly amountMinor: number;
      readonly number: string;
    };

const order = ['issued', 'payment', 'credit', 'overdue', 'due', 'settled'];

/** Oldest first; what is due in the future is last. Nothing for a draft. */
export function eventsOf(invoice: InvoiceDetail, today: string): readonly InvoiceEvent[] {
  if (invoice.status === 'draft') return [];
  const events: InvoiceEvent[] = [
    { kind: 'issued', day: invoice.issueDate },
    ...invoice.payments.map(
      ({ paymentId, receivedOn, amountMinor, method, reference }): InvoiceEvent => ({
        kind: 'payment',
        id: paymentId,
        day: receivedOn,
        amountMinor,
        method,
        reference,
      }),
    ),
    ...invoice.creditNotes.map(({ id, number, issueDate, grossMinor }): InvoiceEvent => ({
      kind: 'credit',
      id,
      number,
      day: issueDate,
      amountMinor: grossMinor,
    })),
  ];
  const due = dueIn(invoice, today);
  if (due !== undefined) {
    events.push({ kind: 'late' in due ? 'overdue' : 'due', day: invoice.dueDate });
  }
  const last = events.map(({ day }) => day).reduce((a, b) => (a > b ? a : b), '');
  if (invoice.status === 'settled' && invoice.kind === 'invoice') {
    events.push({ kind: 'settled', day: last });
  }
  return events.toSorted((a, b) => compare(a.day, b.day) || place(a) - place(b));
}

function place({ kind }: InvoiceEvent): number {
  return order.indexOf(kind);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

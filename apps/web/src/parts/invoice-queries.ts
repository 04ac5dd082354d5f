import { keyOf } from '../data/keys.ts';
import { queryClient, queryOf } from '../data/queries.ts';
import type { InvoiceDetail } from './invoice-state.ts';

export function invoiceQuery(id: string) {
  return queryOf('invoicing', 'getInvoice', { id });
}

/** A command's answer is the newest there is: whoever shows the document shows it at once. */
export function keepInvoice(invoice: InvoiceDetail): void {
  queryClient.setQueryData(keyOf('invoicing', 'getInvoice', { id: invoice.id }), invoice);
}

export function readInvoiceAgain(id: string): void {
  void queryClient.invalidateQueries({ queryKey: keyOf('invoicing', 'getInvoice', { id }) });
}

import { sql, t, type Reader } from '@plinth/postgres';

const paymentsOf = sql(
  { invoiceId: t.uuid },
  {
    paymentId: t.uuid,
    receivedOn: t.date,
    method: t.text,
    reference: t.nullable(t.text),
    amountMinor: t.int8n,
  },
  { name: 'invoicing.payments_of_invoice' },
)`
  select payment_id as "paymentId", received_on as "receivedOn", method, reference, amount_minor as "amountMinor"
  from payments_api.allocation where invoice_id = ${'invoiceId'}
  order by received_on, payment_id limit 100`;

export interface InvoicePayment {
  readonly paymentId: string;
  readonly receivedOn: string;
  readonly method: string;
  readonly reference: string | null;
  readonly amountMinor: number;
}

/** From the read view that module payments declares. */
export function findPayments(reader: Reader, invoiceId: string): Promise<InvoicePayment[]> {
  return reader.many(paymentsOf, { invoiceId });
}

const creditNotesOf = sql(
  { invoiceId: t.uuid },
  { id: t.uuid, number: t.text, issueDate: t.date, grossMinor: t.int8n },
  { name: 'invoicing.credit_notes_of_invoice' },
)`
  select id, number_key as number, issue_date as "issueDate", gross_minor as "grossMinor"
  from invoicing.invoice where credits_id = ${'invoiceId'} order by issue_date, id limit 100`;

export interface CreditNoteLink {
  readonly id: string;
  readonly number: string;
  readonly issueDate: string;
  readonly grossMinor: number;
}

export function findCreditNotes(reader: Reader, invoiceId: string): Promise<CreditNoteLink[]> {
  return reader.many(creditNotesOf, { invoiceId });
}

const numberOf = sql(
  { id: t.uuid },
  { id: t.uuid, number: t.text },
  { name: 'invoicing.number_of' },
)`
  select id, number_key as number from invoicing.invoice where id = ${'id'}`;

export function findNumber(
  reader: Reader,
  id: string,
): Promise<{ id: string; number: string } | undefined> {
  return reader.maybe(numberOf, { id });
}

const customerById = sql(
  { id: t.uuid },
  { id: t.uuid, name: t.text, currency: t.text, termDays: t.int4, archived: t.bool },
  { name: 'invoicing.customer_by_id' },
)`
  select id, name, currency, term_days as "termDays", archived from customers_api.customer where id = ${'id'}`;

export interface CustomerTerms {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly termDays: number;
  readonly archived: boolean;
}

/** From the read view that module customers declares. */
export function findCustomer(reader: Reader, id: string): Promise<CustomerTerms | undefined> {
  return reader.maybe(customerById, { id });
}

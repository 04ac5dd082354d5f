import { sql, t } from '@plinth/postgres';

/** What the neighbours' tables hold before a test, as their modules leave it. */
export const insertCustomer = sql({ id: t.uuid, number: t.text }, {})`
  insert into customers.customer (id, number, name, country, currency, created_at, changed_at)
  values (${'id'}, ${'number'}, 'Acme', 'DE', 'EUR', now(), now())`;
export const insertInvoice = sql(
  {
    id: t.uuid,
    number: t.text,
    customerId: t.uuid,
    currency: t.text,
    dueDate: t.date,
    grossMinor: t.int8n,
  },
  {},
)`
  insert into invoicing.invoice
    (id, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor,
     gross_minor, created_at, updated_at, issued_at)
  values (${'id'}, 'invoice', 'issued', 'INV', ${'number'}, ${'customerId'}, 'Acme', ${'currency'}, '2026-01-01',
     ${'dueDate'}, ${'grossMinor'}, 0, ${'grossMinor'}, now(), now(), now())`;

/** As a seed loads it: paid, by rows alone, with a sequence of its own. */
export const loadAllocation = sql(
  { paymentId: t.uuid, invoiceId: t.uuid, amountMinor: t.int8n, sequence: t.int4 },
  {},
)`
  with paid as (
    update invoicing.invoice set paid_minor = ${'amountMinor'}, status = 'partly-paid', payment_sequence = ${'sequence'}
    where id = ${'invoiceId'}),
  spent as (
    update payments.payment set allocated_minor = ${'amountMinor'}, status = 'allocated' where id = ${'paymentId'})
  insert into payments.allocation (payment_id, invoice_id, amount_minor, allocated_at)
  values (${'paymentId'}, ${'invoiceId'}, ${'amountMinor'}, now())`;
export const sequencesOf = sql({ name: t.text }, { sequence: t.int4 })`
  select (body ->> 'sequence')::int as sequence from plinth.outbox where name = ${'name'} order by seq`;

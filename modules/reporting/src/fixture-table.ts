import { sql, t } from '@plinth/postgres';

/** Rows as modules invoicing and payments leave them. */
export const insertDocuments = sql(
  {
    ids: t.array(t.uuid),
    kinds: t.array(t.text),
    statuses: t.array(t.text),
    customerIds: t.array(t.uuid),
    currencies: t.array(t.text),
    issueDates: t.array(t.date),
    dueDates: t.array(t.date),
    grosses: t.array(t.int8n),
    paids: t.array(t.int8n),
  },
  {},
)`
  insert into invoicing.invoice
    (id, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor,
     gross_minor, paid_minor, created_at, updated_at, issued_at)
  select n.id, n.kind, n.status, case n.status when 'draft' then null else 'T' end,
     case n.status when 'draft' then null else n.id::text end, n.customer_id, 'Customer ' || n.customer_id, n.currency,
     n.issue_date, n.due_date, n.gross, 0, n.gross, n.paid, now(), '2026-01-01',
     case n.status when 'draft' then null else now() end
  from unnest(${'ids'}::uuid[], ${'kinds'}::text[], ${'statuses'}::text[], ${'customerIds'}::uuid[],
     ${'currencies'}::text[], ${'issueDates'}::date[], ${'dueDates'}::date[], ${'grosses'}::bigint[], ${'paids'}::bigint[])
     as n (id, kind, status, customer_id, currency, issue_date, due_date, gross, paid)`;
/** A line each. */
export const insertLines = sql(
  {
    ids: t.array(t.uuid),
    positions: t.array(t.int4),
    rates: t.array(t.int4),
    nets: t.array(t.int8n),
  },
  {},
)`
  insert into invoicing.line (invoice_id, position, description, quantity_micro, unit_price_minor, tax_ppm, net_minor)
  select l.id, l.position, 'X', 1000000, l.net, l.rate, l.net
  from unnest(${'ids'}::uuid[], ${'positions'}::int[], ${'rates'}::int[], ${'nets'}::bigint[]) as l (id, position, rate, net)`;
export const insertPayment = sql(
  {
    id: t.uuid,
    receivedOn: t.date,
    amountMinor: t.int8n,
    unallocatedMinor: t.int8n,
    status: t.text,
  },
  {},
)`
  insert into payments.payment
    (id, number, customer_id, customer_name, received_on, method, status, currency, amount_minor, allocated_minor,
     created_at, updated_at)
  values (${'id'}, ${'id'}::uuid::text, ${'id'}, 'X', ${'receivedOn'}, 'card', ${'status'}, 'EUR', ${'amountMinor'},
     ${'amountMinor'}::bigint - ${'unallocatedMinor'}::bigint, now(), now())`;

/** What the worker of rollups does each second. */
export const asWorker = sql({}, {})`set local role plinth_worker`;
export const foldDocuments = sql(
  {},
  { moved: t.int4 },
)`select invoicing.fold_document(10000) as moved`;
export const foldTaxes = sql({}, { moved: t.int4 })`select invoicing.fold_tax(10000) as moved`;

/** Invoices of 100 EUR, due in 30 days, each with the payment that settled it. */
export const insertSettled = sql(
  {
    invoiceIds: t.array(t.uuid),
    paymentIds: t.array(t.uuid),
    dueDates: t.array(t.date),
    receivedOn: t.array(t.date),
  },
  {},
)`
  with s as (
    select * from unnest(${'invoiceIds'}::uuid[], ${'paymentIds'}::uuid[], ${'dueDates'}::date[], ${'receivedOn'}::date[])
      as s (invoice_id, payment_id, due_date, received_on)),
  invoiced as (
    insert into invoicing.invoice
      (id, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor,
       gross_minor, paid_minor, created_at, updated_at, issued_at)
    select s.invoice_id, 'invoice', 'settled', 'T', s.invoice_id::text, s.invoice_id, 'X', 'EUR', s.due_date - 30,
       s.due_date, 10000, 0, 10000, 10000, now(), now(), now() from s),
  paid as (
    insert into payments.payment
      (id, number, customer_id, customer_name, received_on, method, status, currency, amount_minor, allocated_minor,
       created_at, updated_at)
    select s.payment_id, s.payment_id::text, s.invoice_id, 'X', s.received_on, 'card', 'allocated', 'EUR', 10000, 10000,
       now(), now() from s)
  insert into payments.allocation (payment_id, invoice_id, amount_minor, allocated_at)
  select s.payment_id, s.invoice_id, 10000, now() from s`;

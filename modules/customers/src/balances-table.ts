import { sql, t } from '@plinth/postgres';

/**
 * Takes over what is open now of the given documents, and adds the difference to their customers' balances.
 *
 * Called for documents of one tenant whose events nobody else handles at the moment (one lane a document).
 * Balances are locked in the order of their keys.
 *
 * @returns the customers whose balance is another now.
 */
export const applyDocuments = sql(
  { invoiceIds: t.array(t.uuid), paymentIds: t.array(t.uuid), today: t.date },
  { customerId: t.uuid },
)`
  with now_open as (
    select i.id as document_id, i.customer_id, 'invoice' as kind, i.currency, i.open_minor,
           i.open_minor > 0 and i.due_date < ${'today'} as is_overdue
    from invoicing_api.invoice i
    where i.id = any(${'invoiceIds'}) and i.status <> 'draft'
    union all
    select p.id, p.customer_id, 'payment', p.currency, -p.unallocated_minor, false
    from payments_api.payment p
    where p.id = any(${'paymentIds'})
  ),
  before as (
    select d.* from customers.open_document d
    where d.document_id = any(${'invoiceIds'}) or d.document_id = any(${'paymentIds'})
  ),
  gone as (
    delete from customers.open_document d using now_open n
    where d.document_id = n.document_id and n.open_minor = 0
  ),
  kept as (
    insert into customers.open_document (document_id, customer_id, kind, currency, open_minor, is_overdue)
    select document_id, customer_id, kind, currency, open_minor, is_overdue
    from now_open
    where open_minor <> 0
    on conflict (tenant_id, document_id) do update
    set open_minor = excluded.open_minor, is_overdue = excluded.is_overdue
  ),
  side as (
    select customer_id, currency, kind, open_minor, is_overdue, 1 as sign from now_open where open_minor <> 0
    union all
    select b.customer_id, b.currency, b.kind, b.open_minor, b.is_overdue, -1
    from before b join now_open n using (document_id)
  ),
  delta as (
    select customer_id, currency,
           coalesce(sum(sign * open_minor) filter (where kind = 'invoice'), 0)::bigint as open_minor,
           coalesce(-sum(sign * open_minor) filter (where kind = 'payment'), 0)::bigint as credit_minor,
           coalesce(sum(sign * open_minor) filter (where is_overdue), 0)::bigint as overdue_minor,
           coalesce(sum(sign) filter (where kind = 'invoice'), 0)::int as open_invoices,
           coalesce(sum(sign) filter (where is_overdue), 0)::int as overdue_invoices
    from side
    group by customer_id, currency
  )
  insert into customers.balance as b
    (customer_id, currency, open_minor, credit_minor, overdue_minor, open_invoices, overdue_invoices)
  select customer_id, currency, open_minor, credit_minor, overdue_minor, open_invoices, overdue_invoices
  from delta
  where (open_minor, credit_minor, overdue_minor, open_invoices, overdue_invoices) <> (0, 0, 0, 0, 0)
  order by customer_id, currency
  on conflict (tenant_id, customer_id, currency) do update
  set open_minor = b.open_minor + excluded.open_minor,
      credit_minor = b.credit_minor + excluded.credit_minor,
      overdue_minor = b.overdue_minor + excluded.overdue_minor,
      open_invoices = b.open_invoices + excluded.open_invoices,
      overdue_invoices = b.overdue_invoices + excluded.overdue_invoices
  returning b.customer_id as "customerId"`;

/** Copies the balance in a customer's own currency to its row, where the list sorts by it. */
export const copyBalances = sql({ customerIds: t.array(t.uuid) }, {})`
  update customers.customer c
  set balance_minor = coalesce((
        select b.open_minor - b.credit_minor from customers.balance b
        where b.customer_id = c.id and b.currency = c.currency), 0),
      overdue_minor = coalesce((
        select b.overdue_minor from customers.balance b
        where b.customer_id = c.id and b.currency = c.currency), 0)
  where c.id = any(${'customerIds'})`;

export const balancesOf = sql(
  { customerId: t.uuid },
  {
    currency: t.text,
    openMinor: t.int8n,
    creditMinor: t.int8n,
    overdueMinor: t.int8n,
    openInvoices: t.int4,
    overdueInvoices: t.int4,
  },
)`
  select currency, open_minor as "openMinor", credit_minor as "creditMinor",
         overdue_minor as "overdueMinor", open_invoices as "openInvoices",
         overdue_invoices as "overdueInvoices"
  from customers.balance
  where customer_id = ${'customerId'}
    and (open_minor, credit_minor, open_invoices) <> (0, 0, 0)
  order by currency`;

export const clearOpenDocuments = sql({}, {})`delete from customers.open_document`;
export const clearBalances = sql({}, {})`delete from customers.balance`;

export const recountOpenDocuments = sql({ today: t.date }, {}, { class: 'report' })`
  insert into customers.open_document (document_id, customer_id, kind, currency, open_minor, is_overdue)
  select i.id, i.customer_id, 'invoice', i.currency, i.open_minor,
         i.open_minor > 0 and i.due_date < ${'today'}
  from invoicing_api.invoice i
  where i.open_minor <> 0 and i.status <> 'draft'
  union all
  select p.id, p.customer_id, 'payment', p.currency, -p.unallocated_minor, false
  from payments_api.payment p
  where p.unallocated_minor <> 0`;

export const recountBalances = sql({}, {}, { class: 'report' })`
  insert into customers.balance
    (customer_id, currency, open_minor, credit_minor, overdue_minor, open_invoices, overdue_invoices)
  select customer_id, currency,
         coalesce(sum(open_minor) filter (where kind = 'invoice'), 0),
         coalesce(-sum(open_minor) filter (where kind = 'payment'), 0),
         coalesce(sum(open_minor) filter (where is_overdue), 0),
         count(*) filter (where kind = 'invoice'),
         count(*) filter (where is_overdue)
  from customers.open_document
  group by customer_id, currency`;

export const copyAllBalances = sql({}, {}, { class: 'report' })`
  update customers.customer c
  set balance_minor = s.balance_minor, overdue_minor = s.overdue_minor
  from (
    select k.id, coalesce(b.open_minor - b.credit_minor, 0) as balance_minor,
           coalesce(b.overdue_minor, 0) as overdue_minor
    from customers.customer k
    left join customers.balance b on b.customer_id = k.id and b.currency = k.currency
  ) s
  where c.id = s.id and (c.balance_minor, c.overdue_minor) <> (s.balance_minor, s.overdue_minor)`;

import { sql, t } from '@plinth/postgres';

export const openingBalance = sql(
  { customerId: t.uuid, currency: t.text, from: t.date },
  { openingMinor: t.int8n },
)`
  select coalesce((
           select sum(i.gross_minor) from invoicing_api.invoice i
           where i.customer_id = ${'customerId'} and i.currency = ${'currency'} and i.status <> 'draft'
             and i.issue_date < ${'from'}
         ), 0)::bigint
       - coalesce((
           select sum(p.amount_minor) from payments_api.payment p
           where p.customer_id = ${'customerId'} and p.currency = ${'currency'}
             and p.received_on < ${'from'}
         ), 0)::bigint
       + coalesce((
           select sum(r.amount_minor) from payments_api.refund r
           where r.customer_id = ${'customerId'} and r.currency = ${'currency'}
             and r.refunded_on < ${'from'}
         ), 0)::bigint as "openingMinor"`;

/** Oldest first; on one day invoices before what is paid on them. One row more than `rowsMax` says: there are more. */
export const statementLines = sql(
  { customerId: t.uuid, currency: t.text, from: t.date, to: t.date, rowsMax: t.int8n },
  {
    day: t.date,
    kind: t.enum('invoice', 'creditNote', 'payment', 'refund'),
    id: t.uuid,
    number: t.text,
    amountMinor: t.int8n,
  },
)`
  select day, kind, id, number, amount_minor as "amountMinor"
  from (
    select i.issue_date as day, case i.kind when 'invoice' then 'invoice' else 'creditNote' end as kind,
           i.id, i.number, i.gross_minor as amount_minor
    from invoicing_api.invoice i
    where i.customer_id = ${'customerId'} and i.currency = ${'currency'} and i.status <> 'draft'
      and i.issue_date between ${'from'} and ${'to'}
    union all
    select p.received_on, 'payment', p.id, p.number, -p.amount_minor
    from payments_api.payment p
    where p.customer_id = ${'customerId'} and p.currency = ${'currency'}
      and p.received_on between ${'from'} and ${'to'}
    union all
    select r.refunded_on, 'refund', r.payment_id, r.number, r.amount_minor
    from payments_api.refund r
    where r.customer_id = ${'customerId'} and r.currency = ${'currency'}
      and r.refunded_on between ${'from'} and ${'to'}
  ) line
  order by day, kind = 'payment', kind = 'refund', number, id
  limit ${'rowsMax'}`;

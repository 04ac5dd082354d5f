import { sql, t, type Reader } from '@plinth/postgres';

import type { Day } from './day.ts';

const report = { class: 'report' } as const;
const customerRow = {
  customerId: t.uuid,
  customerName: t.text,
  currency: t.text,
  netMinor: t.int8n,
};

export interface CustomersQuery {
  /** Of a month the first day. */
  readonly from: Day;
  /** In the last month that is counted whole; before `from`: none is. */
  readonly wholeTo: Day;
  /** Days whose documents are added to the whole months, or taken off them. */
  readonly partFrom: Day;
  readonly partTo: Day;
  readonly sign: 1 | -1;
  readonly currency: string;
  readonly rowsMax: number;
}
export interface CustomerTurnover {
  readonly customerId: string;
  readonly customerName: string;
  readonly currency: string;
  readonly netMinor: number;
}

/** As of the customer's last document. */
const named = sql.fragment`cross join lateral (
    select i.customer_name from invoicing_api.invoice i
    where i.customer_id = t.customer_id and i.status <> 'draft'
    order by i.issue_date desc, i.id desc limit 1) n`;

const rangeParams = {
  from: t.date,
  wholeTo: t.date,
  partFrom: t.date,
  partTo: t.date,
  sign: t.int4,
  currency: t.text,
  rowsMax: t.int4,
};

/** Whole months from the rollup, and the documents of the part of a month that is beyond them or too much. */
const customers = sql(rangeParams, customerRow, {
  ...report,
  name: 'reporting.customers_by_turnover',
})`
  with part as (
    select c.customer_id, c.net_minor, c.invoices + c.credit_notes as documents
    from invoicing_api.turnover_by_customer_parts c
    where c.currency = ${'currency'} and c.month between ${'from'} and ${'wholeTo'}
    union all
    select i.customer_id, i.net_minor * ${'sign'}::int, ${'sign'}::int
    from invoicing_api.invoice i
    where i.issue_date between ${'partFrom'} and ${'partTo'}
      and i.status <> 'draft' and i.currency = ${'currency'}),
  top as (
    select customer_id, sum(net_minor)::int8 as net from part
    group by 1 having sum(documents) > 0 order by 2 desc, 1 limit ${'rowsMax'})
  select t.customer_id as "customerId", n.customer_name as "customerName", ${'currency'} as currency, t.net as "netMinor"
  from top t ${named}
  order by t.net desc, t.customer_id`;

/** By net amount, the largest first: adds up what everybody bought. */
export function readCustomers(reader: Reader, query: CustomersQuery): Promise<CustomerTurnover[]> {
  return reader.many(customers, query);
}

const buying = sql(
  { ...rangeParams, candidatesMax: t.int4 },
  { ...customerRow, othersMax: t.int8n },
  { ...report, name: 'reporting.customers_among_those_who_bought_most' },
)`
  with months as materialized (
    select m::date as month
    from generate_series(${'from'}::date::timestamp, ${'wholeTo'}::date::timestamp, interval '1 month') m),
  since as materialized (
    select s.customer_id, sum(s.net)::int8 as net, sum(s.documents) as documents,
      (sum(s.net) filter (where s.net > 0))::int8 as added
    from (
      select d.customer_id, d.net_minor as net, d.invoices + d.credit_notes as documents
      from invoicing_api.turnover_by_customer_since d
      where d.currency = ${'currency'} and d.month between ${'from'} and ${'wholeTo'}
      union all
      select i.customer_id, i.net_minor * ${'sign'}::int, ${'sign'}::int
      from invoicing_api.invoice i
      where i.issue_date between ${'partFrom'} and ${'partTo'}
        and i.status <> 'draft' and i.currency = ${'currency'}) s
    group by 1),
  ranked as materialized (
    select f.customer_id, f.net_minor as net, f.place
    from months m cross join lateral (
      select r.customer_id, r.net_minor, row_number() over (order by r.net_minor desc, r.customer_id) as place
      from invoicing_api.turnover_by_customer_folded r
      where r.currency = ${'currency'} and r.month = m.month and r.net_minor > 0
      order by r.net_minor desc, r.customer_id limit ${'candidatesMax'}) f
    union all
    (select s.customer_id, s.added, row_number() over (order by s.added desc, s.customer_id)
      from since s where s.added > 0 order by s.added desc, s.customer_id limit ${'candidatesMax'})),
  part as (
    select k.customer_id, f.net, f.documents, true as is_candidate
    from (select distinct r.customer_id from ranked r) k
    cross join lateral (
      select sum(b.net_minor) as net, sum(b.invoices + b.credit_notes) as documents
      from invoicing_api.turnover_by_customer_folded b
      where b.currency = ${'currency'} and b.month = any (array(select m.month from months m)) and b.customer_id = k.customer_id) f
    union all
    select s.customer_id, s.net, s.documents, false from since s),
  top as (
    select customer_id, sum(net)::int8 as net from part
    group by 1 having bool_or(is_candidate) and sum(documents) > 0 order by 2 desc, 1 limit ${'rowsMax'})
  select t.customer_id as "customerId", n.customer_name as "customerName", ${'currency'} as currency, t.net as "netMinor",
    (select coalesce(sum(r.net), 0)::int8 from ranked r where r.place = ${'candidatesMax'}) as "othersMax"
  from top t ${named}
  order by t.net desc, t.customer_id`;

/**
 * Those with the largest amounts among the `candidatesMax` who bought most in each month, or of whom most is not folded
 * yet. `othersMax` is the same in each row: what everybody else bought is not above it.
 */
export function readBuying(
  reader: Reader,
  query: CustomersQuery & { readonly candidatesMax: number },
): Promise<(CustomerTurnover & { readonly othersMax: number })[]> {
  return reader.many(buying, query);
}

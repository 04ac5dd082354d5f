import { sql, t, type Reader } from '@plinth/postgres';

import type { Day } from './day.ts';

const report = { class: 'report' } as const;
const debtorRow = {
  currency: t.text,
  customerId: t.uuid,
  customerName: t.text,
  overdueMinor: t.int8n,
  openMinor: t.int8n,
};

export interface Debtor {
  readonly customerId: string;
  readonly customerName: string;
  readonly overdueMinor: number;
  readonly openMinor: number;
}
export interface DebtorsQuery {
  readonly today: Day;
  readonly rowsMax: number;
}
type Row = Debtor & { readonly currency: string };

const debtors = sql({ today: t.date, rowsMax: t.int4 }, debtorRow, {
  ...report,
  name: 'reporting.top_debtors',
})`
  select currency, "customerId", "customerName", "overdueMinor", "openMinor" from (
    select *, row_number() over (partition by currency order by "overdueMinor" desc, "customerId") as place from (
      select i.currency, i.customer_id as "customerId", max(i.customer_name) as "customerName",
        (sum(i.open_minor) filter (where i.due_date < ${'today'}))::int8 as "overdueMinor",
        sum(i.open_minor)::int8 as "openMinor"
      from invoicing_api.invoice i
      where i.open_minor > 0 and i.status in ('issued', 'partly-paid')
      group by i.currency, i.customer_id) s
    where "overdueMinor" > 0) r
  where place <= ${'rowsMax'} order by currency, place`;

/** By overdue amount, the largest first, a currency each: over everything that is owed. */
export function readDebtors(reader: Reader, query: DebtorsQuery): Promise<Row[]> {
  return reader.many(debtors, query);
}

const owing = sql(
  { today: t.date, candidatesMax: t.int4 },
  { ...debtorRow, place: t.int4 },
  { ...report, name: 'reporting.debtors_among_those_who_owe_most' },
)`
  with recursive known (currency) as (
      (select f.currency from invoicing_api.owed_by_customer_folded f order by f.currency limit 1)
    union all
      select (select f.currency from invoicing_api.owed_by_customer_folded f
        where f.currency > k.currency order by f.currency limit 1)
      from known k where k.currency is not null),
  since as materialized (
    select s.currency, s.customer_id, s.owed_minor, s.owed_invoices from invoicing_api.owed_by_customer_since s),
  c as (
    select k.currency from known k where k.currency is not null
    union select s.currency from since s where s.currency is not null)
  select c.currency, o.customer_id as "customerId", coalesce(l.name, '') as "customerName",
    coalesce(l.overdue, 0)::int8 as "overdueMinor", o.owed_minor as "openMinor", o.place::int as place
  from c
  cross join lateral (
    select u.customer_id, u.owed_minor, row_number() over (order by u.owed_minor desc, u.customer_id) as place
    from (
      (select f.customer_id, f.owed_minor from invoicing_api.owed_by_customer_folded f
        where f.currency = c.currency and f.owed_invoices > 0 and not exists (
          select from since s where s.currency = c.currency and s.customer_id = f.customer_id)
        order by f.owed_minor desc, f.customer_id limit ${'candidatesMax'} + 1)
      union all
      select s.customer_id, s.owed_minor + coalesce(f.owed_minor, 0)
      from since s left join invoicing_api.owed_by_customer_folded f
        on f.currency = s.currency and f.customer_id = s.customer_id
      where s.currency = c.currency and s.owed_invoices + coalesce(f.owed_invoices, 0) > 0
      order by 2 desc, 1 limit ${'candidatesMax'} + 1) u) o
  left join lateral (
    select sum(i.open_minor) as overdue, max(i.customer_name) as name
    from invoicing_api.invoice i
    where o.place <= ${'candidatesMax'} and i.open_minor > 0 and i.status in ('issued', 'partly-paid')
      and i.customer_id = o.customer_id and i.currency = c.currency and i.due_date < ${'today'}) l on true
  order by c.currency, o.place`;

/**
 * The customers of each currency who owe most, with what of it is overdue; behind them one more, whose place is
 * past `candidatesMax`, with nothing overdue. What was folded is read in its order; who has changed since is added up.
 */
export function readOwing(
  reader: Reader,
  query: { readonly today: Day; readonly candidatesMax: number },
): Promise<(Row & { readonly place: number })[]> {
  return reader.many(owing, query);
}

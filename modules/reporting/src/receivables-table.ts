import { sql, t, type Reader } from '@plinth/postgres';

import type { Owed } from './buckets.ts';
import type { Day } from './day.ts';

const report = { class: 'report' } as const;

const placeRow = { currency: t.text, place: t.int4, openMinor: t.int8n, invoices: t.int4 };

const byDueDate = sql({ days: t.array(t.date) }, placeRow, {
  ...report,
  name: 'reporting.owed_by_due_date',
})`
  select d.currency, width_bucket(d.due_date, ${'days'}) as place,
    sum(d.owed_minor)::int8 as "openMinor", sum(d.owed_invoices)::int as invoices
  from invoicing_api.owed_by_due_date d group by 1, 2 having sum(d.owed_invoices) > 0`;

const byIssueDate = sql({ days: t.array(t.date) }, placeRow, {
  ...report,
  name: 'reporting.owed_by_issue_date',
})`
  select d.currency, width_bucket(d.issue_date, ${'days'}) as place,
    sum(d.owed_minor)::int8 as "openMinor", sum(d.owed_invoices)::int as invoices
  from invoicing_api.owed_by_issue_date d group by 1, 2 having sum(d.owed_invoices) > 0`;

/** @param days first days of the ranges, oldest first. @returns by currency, then by the place of the range. */
export async function sumOwed(
  reader: Reader,
  by: 'due' | 'issue',
  days: readonly Day[],
): Promise<Map<string, Map<number, Owed>>> {
  const rows = await reader.many(by === 'due' ? byDueDate : byIssueDate, { days: [...days] });
  const sums = new Map<string, Map<number, Owed>>();
  for (const { currency, place, openMinor, invoices } of rows) {
    const places = sums.get(currency) ?? new Map<number, Owed>();
    sums.set(currency, places.set(place, { openMinor, invoices }));
  }
  return sums;
}

const dueBetween = sql(
  { from: t.date, to: t.date },
  { currency: t.text, openMinor: t.int8n, invoices: t.int4 },
  { ...report, name: 'reporting.due_between' },
)`
  select d.currency, sum(d.owed_minor)::int8 as "openMinor", sum(d.owed_invoices)::int as invoices
  from invoicing_api.owed_by_due_date d
  where d.due_date between ${'from'} and ${'to'} group by 1 having sum(d.owed_invoices) > 0`;

export async function sumDueBetween(
  reader: Reader,
  range: { readonly from: Day; readonly to: Day },
): Promise<Map<string, Owed>> {
  const rows = await reader.many(dueBetween, range);
  return new Map(rows.map(({ currency, ...sums }) => [currency, sums]));
}

const cellRow = { customerId: t.uuid, customerName: t.text, place: t.int4, openMinor: t.int8n };

const cells = sql(
  { by: t.text, currency: t.text, days: t.array(t.date), rowsMax: t.int4 },
  cellRow,
  { ...report, name: 'reporting.customers_owed_by_age' },
)`
  with since as materialized (
    select s.customer_id, s.owed_minor, s.owed_invoices from invoicing_api.owed_by_customer_since s
    where s.currency = ${'currency'}),
  top as (
    (select f.customer_id, f.owed_minor from invoicing_api.owed_by_customer_folded f
      where f.currency = ${'currency'} and f.owed_invoices > 0
        and not exists (select from since s where s.customer_id = f.customer_id)
      order by f.owed_minor desc, f.customer_id limit ${'rowsMax'})
    union all
    select s.customer_id, s.owed_minor + coalesce(f.owed_minor, 0)
    from since s left join invoicing_api.owed_by_customer_folded f
      on f.currency = ${'currency'} and f.customer_id = s.customer_id
    where s.owed_invoices + coalesce(f.owed_invoices, 0) > 0
    order by 2 desc, 1 limit ${'rowsMax'})
  select t.customer_id as "customerId", c.name as "customerName", c.place, c.open::int8 as "openMinor"
  from top t cross join lateral (
    select width_bucket(case ${'by'} when 'due' then i.due_date else i.issue_date end, ${'days'}) as place,
      max(i.customer_name) as name, sum(i.open_minor) as open
    from invoicing_api.invoice i
    where i.open_minor > 0 and i.status in ('issued', 'partly-paid')
      and i.customer_id = t.customer_id and i.currency = ${'currency'}
    group by 1) c
  order by t.owed_minor desc, t.customer_id, c.place`;

export interface Cell {
  readonly customerId: string;
  readonly customerName: string;
  readonly place: number;
  readonly openMinor: number;
}

/** What the largest debtors owe, range by range; a customer's cells stand together. */
export function findCells(
  reader: Reader,
  by: 'due' | 'issue',
  query: { readonly currency: string; readonly days: readonly Day[]; readonly rowsMax: number },
): Promise<Cell[]> {
  return reader.many(cells, { ...query, by, days: [...query.days] });
}

const customerCounts = sql(
  { rowsMax: t.int4 },
  { currency: t.text, customers: t.int4 },
  {
    ...report,
    name: 'reporting.customers_owing',
  },
)`
  select c.currency, sum(c.n)::int as customers from (
    select w.currency, count(*) as n from invoicing_api.owed_by_customer_folded w where w.owed_invoices > 0 group by 1
    union all
    select r.currency, count(*) filter (where coalesce(w.owed_invoices, 0) + r.owed_invoices > 0)
      - count(*) filter (where w.owed_invoices > 0)
    from invoicing_api.owed_by_customer_since r
    left join invoicing_api.owed_by_customer_folded w on w.currency = r.currency and w.customer_id = r.customer_id
    group by 1) c
  group by 1 having sum(c.n) > 0 order by 1 limit ${'rowsMax'}`;

const currenciesMax = 200;

export async function countCustomers(reader: Reader): Promise<Map<string, number>> {
  const rows = await reader.many(customerCounts, { rowsMax: currenciesMax });
  return new Map(rows.map(({ currency, customers }) => [currency, customers]));
}

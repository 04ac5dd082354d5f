import { sql, t, type Reader } from '@plinth/postgres';

import type { Day } from './day.ts';

const report = { class: 'report' } as const;

const months = sql(
  { from: t.date, to: t.date },
  {
    month: t.date,
    currency: t.text,
    invoices: t.int4,
    creditNotes: t.int4,
    netMinor: t.int8n,
    taxMinor: t.int8n,
    grossMinor: t.int8n,
  },
  { ...report, name: 'reporting.months' },
)`
  select date_trunc('month', i.issue_date)::date as month, i.currency,
    (count(*) filter (where i.kind = 'invoice'))::int as invoices,
    (count(*) filter (where i.kind = 'credit-note'))::int as "creditNotes",
    sum(i.net_minor)::int8 as "netMinor", sum(i.tax_minor)::int8 as "taxMinor", sum(i.gross_minor)::int8 as "grossMinor"
  from invoicing_api.invoice i
  where i.issue_date between ${'from'} and ${'to'} and i.status <> 'draft'
  group by 1, 2 order by 1, 2`;

export interface Turnover {
  readonly month: Day;
  readonly currency: string;
  readonly invoices: number;
  readonly creditNotes: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly grossMinor: number;
}
interface Range {
  readonly from: Day;
  readonly to: Day;
}

/** Credit notes have negative amounts, so a sum is what remains. */
export function findMonths(reader: Reader, range: Range): Promise<Turnover[]> {
  return reader.many(months, range);
}

const received = sql(
  { from: t.date, to: t.date },
  { month: t.date, currency: t.text, receivedMinor: t.int8n },
  { ...report, name: 'reporting.received' },
)`
  select date_trunc('month', p.received_on)::date as month, p.currency,
    sum(p.amount_minor - p.refunded_minor)::int8 as "receivedMinor"
  from payments_api.payment p
  where p.received_on between ${'from'} and ${'to'} group by 1, 2`;

/** @returns by `MONTH CURRENCY`, such as `2026-11-01 EUR`. */
export async function findReceived(reader: Reader, range: Range): Promise<Map<string, number>> {
  const rows = await reader.many(received, range);
  return new Map(rows.map((row) => [`${row.month} ${row.currency}`, row.receivedMinor]));
}

const customers = sql(
  { from: t.date, to: t.date, currency: t.text, rowsMax: t.int4 },
  { customerId: t.uuid, customerName: t.text, currency: t.text, netMinor: t.int8n },
  { ...report, name: 'reporting.customers_by_turnover' },
)`
  select i.customer_id as "customerId", max(i.customer_name) as "customerName", i.currency,
    sum(i.net_minor)::int8 as "netMinor"
  from invoicing_api.invoice i
  where i.issue_date between ${'from'} and ${'to'} and i.status <> 'draft' and i.currency = ${'currency'}
  group by i.customer_id, i.currency order by 4 desc, 1 limit ${'rowsMax'}`;

export function findCustomers(
  reader: Reader,
  query: Range & { readonly currency: string; readonly rowsMax: number },
): Promise<
  {
    readonly customerId: string;
    readonly customerName: string;
    readonly currency: string;
    readonly netMinor: number;
  }[]
> {
  return reader.many(customers, query);
}

const lastDay = sql({ from: t.date }, { day: t.nullable(t.date) }, { name: 'reporting.last_day' })`
  select max(i.issue_date) as day from invoicing_api.invoice i where i.issue_date >= ${'from'} and i.status <> 'draft'`;

/** The newest day of issue on or after `from`. */
export async function findLastDay(reader: Reader, from: Day): Promise<Day | undefined> {
  const { day } = await reader.one(lastDay, { from });
  return day ?? undefined;
}

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
  select date_trunc('month', d.issue_date::timestamp)::date as month, d.currency,
    sum(d.invoices)::int as invoices, sum(d.credit_notes)::int as "creditNotes",
    sum(d.net_minor)::int8 as "netMinor", sum(d.tax_minor)::int8 as "taxMinor", sum(d.gross_minor)::int8 as "grossMinor"
  from invoicing_api.turnover_by_day d
  where d.issue_date between ${'from'} and ${'to'}
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

const taxRates = sql(
  { from: t.date, to: t.date },
  {
    month: t.date,
    currency: t.text,
    taxPpm: t.int4,
    documents: t.int4,
    netMinor: t.int8n,
    taxMinor: t.int8n,
  },
  { ...report, name: 'reporting.tax_rates' },
)`
  select date_trunc('month', d.issue_date::timestamp)::date as month, d.currency, d.tax_ppm as "taxPpm",
    sum(d.documents)::int as documents, sum(d.net_minor)::int8 as "netMinor", sum(d.tax_minor)::int8 as "taxMinor"
  from invoicing_api.turnover_by_tax_rate d
  where d.issue_date between ${'from'} and ${'to'}
  group by 1, 2, 3 order by 1, 2, 3`;

export interface TaxRateTurnover {
  readonly month: Day;
  readonly currency: string;
  readonly taxPpm: number;
  readonly documents: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}

/** The tax of each rate as its documents have it. */
export function findTaxRates(reader: Reader, range: Range): Promise<TaxRateTurnover[]> {
  return reader.many(taxRates, range);
}

const received = sql(
  { from: t.date, to: t.date },
  { month: t.date, currency: t.text, receivedMinor: t.int8n },
  { ...report, name: 'reporting.received' },
)`
  select date_trunc('month', p.received_on::timestamp)::date as month, p.currency,
    sum(p.received_minor)::int8 as "receivedMinor"
  from payments_api.received_by_day p
  where p.received_on between ${'from'} and ${'to'} group by 1, 2`;

/** @returns by `MONTH CURRENCY`, such as `2026-11-01 EUR`. */
export async function findReceived(reader: Reader, range: Range): Promise<Map<string, number>> {
  const rows = await reader.many(received, range);
  return new Map(rows.map((row) => [`${row.month} ${row.currency}`, row.receivedMinor]));
}

const documentsBetween = sql(
  { first: t.date, to: t.date, last: t.date },
  { before: t.int8n, behind: t.int8n },
  { ...report, name: 'reporting.documents_about_a_day' },
)`
  select coalesce(sum(d.invoices + d.credit_notes) filter (where d.issue_date <= ${'to'}), 0)::int8 as before,
    coalesce(sum(d.invoices + d.credit_notes) filter (where d.issue_date > ${'to'}), 0)::int8 as behind
  from invoicing_api.turnover_by_day d
  where d.issue_date between ${'first'} and ${'last'}`;

/** How many documents the month from `first` to `last` has up to a day, and how many behind it. */
export function countAbout(
  reader: Reader,
  month: { readonly first: Day; readonly to: Day; readonly last: Day },
): Promise<{ readonly before: number; readonly behind: number }> {
  return reader.one(documentsBetween, month);
}

const lastDay = sql({ from: t.date }, { day: t.nullable(t.date) }, { name: 'reporting.last_day' })`
  select max(i.issue_date) as day from invoicing_api.invoice i where i.issue_date >= ${'from'} and i.status <> 'draft'`;

/** The newest day of issue on or after `from`. */
export async function findLastDay(reader: Reader, from: Day): Promise<Day | undefined> {
  const { day } = await reader.one(lastDay, { from });
  return day ?? undefined;
}

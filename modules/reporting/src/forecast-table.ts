import { sql, t, type Reader } from '@plinth/postgres';

import type { Day } from './day.ts';
import type { Habits } from './forecast.ts';

const report = { class: 'report' } as const;

/** A delay or an age of more weeks counts as one of so many. */
const weeksMax = 53;
/** The newest payments are what is known of how people pay. */
const paymentsMax = 1_000;

const owedByWeek = sql(
  { monday: t.date, weeksMax: t.int4 },
  { currency: t.text, week: t.int4, openMinor: t.int8n, invoices: t.int4 },
  { ...report, name: 'reporting.owed_by_week' },
)`
  select d.currency, greatest(0 - ${'weeksMax'}::int, least(${'weeksMax'}::int,
      floor((d.due_date - ${'monday'}::date) / 7.0)::int)) as week,
    sum(d.owed_minor)::int8 as "openMinor", sum(d.owed_invoices)::int as invoices
  from invoicing_api.owed_by_due_date d group by 1, 2 having sum(d.owed_invoices) > 0`;

export interface OwedWeek {
  readonly currency: string;
  readonly week: number;
  readonly openMinor: number;
  readonly invoices: number;
}

/** @param monday of week 0. */
export function sumOwedByWeek(reader: Reader, monday: Day): Promise<OwedWeek[]> {
  return reader.many(owedByWeek, { monday, weeksMax });
}

const receivedByWeek = sql(
  { from: t.date, to: t.date },
  { currency: t.text, week: t.int4, receivedMinor: t.int8n },
  { ...report, name: 'reporting.received_by_week' },
)`
  select p.currency, (p.received_on - ${'from'}::date) / 7 as week, sum(p.received_minor)::int8 as "receivedMinor"
  from payments_api.received_by_day p
  where p.received_on >= ${'from'} and p.received_on < ${'to'} group by 1, 2 having sum(p.received_minor) <> 0`;

/** What came in each week from the Monday `from`, counted from 0, to the day before `to`. */
export function sumReceivedByWeek(
  reader: Reader,
  range: { readonly from: Day; readonly to: Day },
): Promise<{ readonly currency: string; readonly week: number; readonly receivedMinor: number }[]> {
  return reader.many(receivedByWeek, range);
}

const delays = sql(
  { monday: t.date, today: t.date, weeksMax: t.int4, paymentsMax: t.int4 },
  { weeks: t.int4, payments: t.int4 },
  { ...report, name: 'reporting.payment_delays' },
)`
  with newest as materialized (
    select p.id from payments_api.payment p where p.received_on <= ${'today'}
    order by p.received_on desc, p.id desc limit ${'paymentsMax'})
  select greatest(0, least(${'weeksMax'}::int, (floor((a.received_on - ${'monday'}::date) / 7.0)
      - floor((i.due_date - ${'monday'}::date) / 7.0))::int)) as weeks, count(*)::int as payments
  from newest n
  cross join lateral (
    select x.invoice_id, x.received_on from payments_api.allocation x
    where x.payment_id = n.id limit ${'paymentsMax'}) a
  join invoicing_api.invoice i on i.id = a.invoice_id
  group by 1`;

const unpaid = sql(
  { from: t.date, to: t.date },
  { invoices: t.int8n, unpaid: t.int8n },
  { ...report, name: 'reporting.unpaid_of_a_year' },
)`
  select
    (select coalesce(sum(d.invoices), 0)::int8 from invoicing_api.turnover_by_day d
      where d.issue_date >= ${'from'} and d.issue_date < ${'to'}) as invoices,
    (select coalesce(sum(o.owed_invoices), 0)::int8 from invoicing_api.owed_by_issue_date o
      where o.issue_date >= ${'from'} and o.issue_date < ${'to'}) as unpaid`;

export interface HabitsQuery {
  readonly today: Day;
  readonly monday: Day;
  /** Days of issue of the invoices that are old enough to be settled: from the first to before the second. */
  readonly settledFrom: Day;
  readonly settledTo: Day;
}

/** How the newest payments came, and what of a year's invoices nobody paid. */
export async function findHabits(reader: Reader, query: HabitsQuery): Promise<Habits> {
  const { today, monday, settledFrom, settledTo } = query;
  const [rows, year] = await Promise.all([
    reader.many(delays, { today, monday, weeksMax, paymentsMax }),
    reader.one(unpaid, { from: settledFrom, to: settledTo }),
  ]);
  const counts = new Map(rows.map(({ weeks, payments }) => [weeks, payments]));
  return {
    payments: rows.reduce((sum, row) => sum + row.payments, 0),
    byDelay: Array.from({ length: weeksMax + 1 }, (_, weeks) => counts.get(weeks) ?? 0),
    unpaidShare: year.invoices === 0 ? 0 : Math.min(1, year.unpaid / year.invoices),
  };
}

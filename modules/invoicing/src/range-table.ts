import { sql, t, type Reader } from '@plinth/postgres';

const lastDay = sql({ kind: t.text }, { day: t.date }, { name: 'invoicing.last_day' })`
  select issue_date as day from invoicing.invoice
  where status in ('issued', 'partly-paid', 'settled', 'voided') and kind = ${'kind'}
  order by issue_date desc, id desc limit 1`;

const inUse = sql(
  { from: t.date, to: t.date },
  { currency: t.text, documents: t.int8n, grossMinor: t.int8n },
  { name: 'invoicing.currencies_in_use', class: 'report' },
)`
  select currency, count(*) as documents, sum(gross_minor)::bigint as "grossMinor"
  from invoicing.invoice
  where issue_date between ${'from'} and ${'to'} and status <> 'draft'
  group by currency order by count(*) desc limit 50`;

/** The day of the newest invoice that is no draft. */
export async function findLastDay(reader: Reader): Promise<string | undefined> {
  return (await reader.maybe(lastDay, { kind: 'invoice' }))?.day;
}

export function findCurrencies(
  reader: Reader,
  range: { readonly from: string; readonly to: string },
): Promise<{ currency: string; documents: number; grossMinor: number }[]> {
  return reader.many(inUse, range);
}

import { sql, t, type Reader } from '@plinth/postgres';

import type { Day } from './day.ts';

const credits = sql(
  { leastMinor: t.int8n },
  { currency: t.text, creditMinor: t.int8n, payments: t.int4 },
  { name: 'reporting.credits', class: 'report' },
)`
  select currency, sum(credit)::int8 as "creditMinor", sum(payments)::int as payments from (
    select p.currency, p.unallocated_minor as credit, p.open_payments as payments
    from payments_api.received_by_day p where p.unallocated_minor >= ${'leastMinor'}
    union all
    select i.currency, i.credit_minor, 0
    from invoicing_api.owed_by_due_date i where i.credit_minor >= ${'leastMinor'}) c
  group by 1`;

export interface Credit {
  readonly creditMinor: number;
  readonly payments: number;
}

/** Payments that no invoice took, and credit notes that name none. */
export async function findCredits(reader: Reader): Promise<Map<string, Credit>> {
  const rows = await reader.many(credits, { leastMinor: 1 });
  return new Map(rows.map(({ currency, ...credit }) => [currency, credit]));
}

const drafts = sql(
  { touchedBefore: t.date },
  { drafts: t.int4, oldDrafts: t.int4 },
  {
    name: 'reporting.drafts',
    class: 'report',
  },
)`
  select count(*)::int as drafts,
    (count(*) filter (where i.updated_at < ${'touchedBefore'}::date))::int as "oldDrafts"
  from invoicing_api.invoice i where i.status = 'draft'`;

export function countDrafts(
  reader: Reader,
  touchedBefore: Day,
): Promise<{ readonly drafts: number; readonly oldDrafts: number }> {
  return reader.one(drafts, { touchedBefore });
}

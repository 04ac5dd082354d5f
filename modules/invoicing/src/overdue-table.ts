import { sql, t, type Transaction } from '@plinth/postgres';

import type { Day } from './day.ts';
import { columns, row, type InvoiceRow } from './invoice-row.ts';

const take = sql({ today: t.date, rowsMax: t.int4 }, row, { name: 'invoicing.take_overdue' })`
  update invoicing.invoice i set overdue_told = true
  where i.id in (
    select o.id from invoicing.invoice o
    where o.due_date < ${'today'} and o.open_minor > 0 and not o.overdue_told
      and o.status in ('issued', 'partly-paid')
    order by o.due_date, o.id limit ${'rowsMax'} for no key update skip locked)
  returning ${columns}`;

/** What became overdue and was not told yet; a row that somebody changes now is left for the next time. */
export function takeOverdue(
  tx: Transaction,
  query: { readonly today: Day; readonly rowsMax: number },
): Promise<InvoiceRow[]> {
  return tx.many(take, query);
}

import { sql, t, type Transaction } from '@plinth/postgres';

import { columns, row, status, type InvoiceRow } from './invoice-row.ts';
import type { Status } from './status.ts';

const lockMany = sql({ ids: t.array(t.uuid) }, row, { name: 'invoicing.lock_invoices' })`
  select ${columns} from invoicing.invoice i where i.id = any(${'ids'}) order by i.id for no key update`;

/** In the order of their ids: of two that lock several, none waits for the other's next. */
export function lockInvoices(tx: Transaction, ids: readonly string[]): Promise<InvoiceRow[]> {
  return tx.many(lockMany, { ids });
}

/** What payments says is allocated to an invoice. */
export interface PaidRow {
  readonly id: string;
  readonly paidMinor: bigint;
  readonly sequence: number;
  readonly status: Status;
}

const updatePaid = sql(
  {
    ids: t.array(t.uuid),
    paids: t.array(t.int8),
    sequences: t.array(t.int4),
    statuses: t.array(status),
    now: t.instant,
  },
  row,
  { name: 'invoicing.save_paid' },
)`
  update invoicing.invoice i set
    version = i.version + 1, paid_minor = p.paid, payment_sequence = p.sequence, status = p.status,
    updated_at = ${'now'}
  from unnest(${'ids'}::uuid[], ${'paids'}::bigint[], ${'sequences'}::int[], ${'statuses'}::text[])
    as p (id, paid, sequence, status)
  where i.id = p.id
  returning ${columns}`;

export function savePaid(
  tx: Transaction,
  rows: readonly PaidRow[],
  now: string,
): Promise<InvoiceRow[]> {
  return tx.many(updatePaid, {
    ids: rows.map(({ id }) => id),
    paids: rows.map(({ paidMinor }) => paidMinor),
    sequences: rows.map(({ sequence }) => sequence),
    statuses: rows.map((paid) => paid.status),
    now,
  });
}

const renameDrafts = sql({ customerId: t.uuid }, row, { name: 'invoicing.rename_drafts' })`
  update invoicing.invoice i set version = i.version + 1, customer_name = c.name
  from customers_api.customer c
  where c.id = ${'customerId'} and i.customer_id = c.id and i.status = 'draft' and i.customer_name <> c.name
  returning ${columns}`;

/** A draft follows its customer's name; what is issued keeps the one that it was issued to. */
export function renameCustomer(tx: Transaction, customerId: string): Promise<InvoiceRow[]> {
  return tx.many(renameDrafts, { customerId });
}

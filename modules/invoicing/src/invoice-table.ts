import assert from 'node:assert/strict';

import { sql, t, type Migrations, type Reader, type Transaction } from '@plinth/postgres';

import type { Day } from './day.ts';
import type { Terms } from './invoice.ts';
import { columns, row, status, type InvoiceRow } from './invoice-row.ts';
import type { Status } from './status.ts';

export const migrations: Migrations = {
  module: 'invoicing',
  folder: new URL('../migrations/', import.meta.url),
};

const byId = sql({ id: t.uuid }, row, { name: 'invoicing.invoice_by_id', hot: true })`
  select ${columns} from invoicing.invoice i where i.id = ${'id'}`;

export function findInvoice(reader: Reader, id: string): Promise<InvoiceRow | undefined> {
  return reader.maybe(byId, { id });
}

const lockById = sql({ id: t.uuid }, row, { name: 'invoicing.lock_invoice', hot: true })`
  select ${columns} from invoicing.invoice i where i.id = ${'id'} for no key update`;

/** Holds the row until the end of the transaction: of two writers, the second sees the first's. */
export function lockInvoice(tx: Transaction, id: string): Promise<InvoiceRow | undefined> {
  return tx.maybe(lockById, { id });
}

const draftParams = {
  id: t.uuid,
  customerId: t.uuid,
  customerName: t.text,
  currency: t.text,
  issueDate: t.date,
  dueDate: t.date,
  netMinor: t.int8,
  taxMinor: t.int8,
  grossMinor: t.int8,
  reference: t.text,
  note: t.text,
  internalNote: t.text,
  now: t.instant,
};
const insertDraftRow = sql(draftParams, row, { name: 'invoicing.insert_draft' })`
  insert into invoicing.invoice as i
    (id, kind, status, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor, gross_minor,
     reference, note, internal_note, created_at, updated_at)
  values (${'id'}, 'invoice', 'draft', ${'customerId'}, ${'customerName'}, ${'currency'}, ${'issueDate'}, ${'dueDate'},
     ${'netMinor'}, ${'taxMinor'}, ${'grossMinor'}, ${'reference'}, ${'note'}, ${'internalNote'}, ${'now'}, ${'now'})
  on conflict (tenant_id, id) do nothing
  returning ${columns}`;
const updateDraftRow = sql(draftParams, row, { name: 'invoicing.update_draft' })`
  update invoicing.invoice i set
    version = i.version + 1, customer_id = ${'customerId'}, customer_name = ${'customerName'}, currency = ${'currency'},
    issue_date = ${'issueDate'}, due_date = ${'dueDate'}, net_minor = ${'netMinor'}, tax_minor = ${'taxMinor'},
    gross_minor = ${'grossMinor'}, reference = ${'reference'}, note = ${'note'}, internal_note = ${'internalNote'},
    updated_at = ${'now'}
  where i.id = ${'id'} and i.status = 'draft'
  returning ${columns}`;

export interface DraftRow extends Terms {
  readonly id: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
  /** RFC 3339 */
  readonly now: string;
}

/** Undefined when the id is taken. */
export function insertDraft(tx: Transaction, draft: DraftRow): Promise<InvoiceRow | undefined> {
  return tx.maybe(insertDraftRow, draft);
}

export function updateDraft(tx: Transaction, draft: DraftRow): Promise<InvoiceRow> {
  return tx.one(updateDraftRow, draft);
}

const deleteById = sql({ id: t.uuid }, {}, { name: 'invoicing.delete_draft' })`
  delete from invoicing.invoice where id = ${'id'} and status = 'draft'`;

export async function deleteDraftRow(tx: Transaction, id: string): Promise<void> {
  const count = await tx.run(deleteById, { id });
  assert.equal(count, 1, 'the draft was locked by this transaction');
}

const issueRow = sql(
  {
    id: t.uuid,
    series: t.text,
    year: t.int4,
    status,
    issueDate: t.date,
    dueDate: t.date,
    now: t.instant,
  },
  row,
  { name: 'invoicing.issue_invoice' },
)`
  with taken as (
    insert into invoicing.series_year as s (series, year, last) values (${'series'}, ${'year'}, 1)
    on conflict (tenant_id, series, year) do update set last = s.last + 1
    returning last::text as last)
  update invoicing.invoice i set
    version = i.version + 1, status = ${'status'}, series = ${'series'},
    number = ${'series'} || '-' || ${'year'}::int || '-' || repeat('0', 6 - length(taken.last)) || taken.last,
    issue_date = ${'issueDate'}, due_date = ${'dueDate'}, issued_at = ${'now'}, updated_at = ${'now'}
  from taken
  where i.id = ${'id'} and i.status = 'draft'
  returning ${columns}`;

/**
 * Takes the next number of the series and gives it to the draft, in one statement, so that the series' row is
 * locked no longer than this and the commit take: gapless numbers queue on it.
 */
export function issueDraftRow(
  tx: Transaction,
  issue: {
    readonly id: string;
    readonly series: string;
    readonly year: number;
    readonly status: Exclude<Status, 'draft'>;
    readonly issueDate: Day;
    readonly dueDate: Day;
    readonly now: string;
  },
): Promise<InvoiceRow> {
  return tx.one(issueRow, issue);
}

const updateCredited = sql({ id: t.uuid, creditedMinor: t.int8, status, now: t.instant }, row, {
  name: 'invoicing.credit_invoice',
})`
  update invoicing.invoice i set
    version = i.version + 1, credited_minor = ${'creditedMinor'}, status = ${'status'}, updated_at = ${'now'}
  where i.id = ${'id'}
  returning ${columns}`;

export function saveCredited(
  tx: Transaction,
  after: {
    readonly id: string;
    readonly creditedMinor: bigint;
    readonly status: Status;
    readonly now: string;
  },
): Promise<InvoiceRow> {
  return tx.one(updateCredited, after);
}

const insertCredit = sql(
  {
    id: t.uuid,
    creditsId: t.uuid,
    series: t.text,
    year: t.int4,
    customerId: t.uuid,
    customerName: t.text,
    currency: t.text,
    issueDate: t.date,
    netMinor: t.int8,
    taxMinor: t.int8,
    grossMinor: t.int8,
    reference: t.text,
    reason: t.text,
    now: t.instant,
  },
  row,
  { name: 'invoicing.insert_credit_note' },
)`
  with taken as (
    insert into invoicing.series_year as s (series, year, last) values (${'series'}, ${'year'}, 1)
    on conflict (tenant_id, series, year) do update set last = s.last + 1
    returning last::text as last)
  insert into invoicing.invoice as i
    (id, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor,
     gross_minor, credited_minor, reference, credits_id, reason, created_at, updated_at, issued_at)
  select ${'id'}, 'credit-note', 'settled', ${'series'},
     ${'series'} || '-' || ${'year'}::int || '-' || repeat('0', 6 - length(taken.last)) || taken.last,
     ${'customerId'}, ${'customerName'}, ${'currency'}, ${'issueDate'}, ${'issueDate'}, ${'netMinor'}, ${'taxMinor'},
     ${'grossMinor'}, ${'grossMinor'}, ${'reference'}, ${'creditsId'}, ${'reason'}, ${'now'}, ${'now'}, ${'now'}
  from taken
  returning ${columns}`;

export interface CreditNoteRow {
  readonly id: string;
  readonly creditsId: string;
  readonly series: string;
  readonly year: number;
  readonly customerId: string;
  readonly customerName: string;
  readonly currency: string;
  readonly issueDate: Day;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
  readonly reference: string;
  readonly reason: string;
  readonly now: string;
}

/** Takes its number as an invoice does. Its invoice settles it, so nothing of it is open. */
export function insertCreditNote(tx: Transaction, note: CreditNoteRow): Promise<InvoiceRow> {
  return tx.one(insertCredit, note);
}

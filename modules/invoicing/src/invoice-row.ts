import assert from 'node:assert/strict';

import { sql, t } from '@plinth/postgres';

import type { Invoice, Terms } from './invoice.ts';
import type { Kind, Status } from './status.ts';

const kind = t.enum('invoice', 'credit-note');
export const status = t.enum('draft', 'issued', 'partly-paid', 'settled', 'voided');

export const columns = sql.fragment`
  i.id, i.version, i.kind, i.status, i.series, i.number, i.customer_id as "customerId",
  i.customer_name as "customerName", i.currency, i.issue_date as "issueDate", i.due_date as "dueDate",
  i.net_minor as "netMinor", i.tax_minor as "taxMinor", i.gross_minor as "grossMinor", i.paid_minor as "paidMinor",
  i.credited_minor as "creditedMinor", i.open_minor as "openMinor", i.reference, i.note,
  i.internal_note as "internalNote", i.credits_id as "creditsId", i.reason, i.imported,
  i.payment_sequence as "paymentSequence", i.created_at as "createdAt", i.updated_at as "updatedAt",
  i.issued_at as "issuedAt"`;
export const row = {
  id: t.uuid,
  version: t.int4,
  kind,
  status,
  series: t.nullable(t.text),
  number: t.nullable(t.text),
  customerId: t.uuid,
  customerName: t.text,
  currency: t.text,
  issueDate: t.date,
  dueDate: t.date,
  netMinor: t.int8,
  taxMinor: t.int8,
  grossMinor: t.int8,
  paidMinor: t.int8,
  creditedMinor: t.int8,
  openMinor: t.int8,
  reference: t.text,
  note: t.text,
  internalNote: t.text,
  creditsId: t.nullable(t.uuid),
  reason: t.text,
  imported: t.bool,
  paymentSequence: t.int4,
  createdAt: t.instant,
  updatedAt: t.instant,
  issuedAt: t.nullable(t.instant),
};

/** A document as it stands in its row. */
export interface InvoiceRow extends Terms {
  readonly id: string;
  readonly version: number;
  readonly kind: Kind;
  readonly status: Status;
  readonly series: string | null;
  readonly number: string | null;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
  readonly paidMinor: bigint;
  readonly creditedMinor: bigint;
  readonly openMinor: bigint;
  readonly creditsId: string | null;
  readonly reason: string;
  readonly imported: boolean;
  readonly paymentSequence: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly issuedAt: string | null;
}

export function toInvoice(found: InvoiceRow): Invoice {
  const { status: state, series, number } = found;
  if (state === 'draft') return { ...found, status: state };
  assert(series !== null && number !== null, 'a document that is no draft has a number');
  return { ...found, status: state, series, number };
}

import { toVersion } from '@plinth/contract';
import type { z } from '@plinth/core/z';
import type { Reader } from '@plinth/postgres';

import {
  findCreditNotes,
  findNumber,
  findPayments,
  type CreditNoteLink,
  type InvoicePayment,
} from './detail-table.ts';
import { daysBetween } from './day.ts';
import type { PlacedLine } from './invoice.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { findLines } from './line-table.ts';
import type { invoiceDetail, invoiceFacts } from './shapes.ts';
import { formatQuantity, totalsOf } from './totals.ts';

export type InvoiceDetail = z.output<typeof invoiceDetail>;
export type InvoiceFacts = z.output<typeof invoiceFacts>;

/** What an event says of a document. Amounts are safe integers: a check constraint keeps them so. */
export function factsOf(row: InvoiceRow): InvoiceFacts {
  return {
    invoiceId: row.id,
    version: row.version,
    kind: row.kind,
    number: row.number,
    status: row.status,
    customerId: row.customerId,
    customerName: row.customerName,
    issueDate: row.issueDate,
    dueDate: row.dueDate,
    currency: row.currency,
    ...amountsOf(row),
  };
}

function amountsOf(row: InvoiceRow) {
  return {
    netMinor: Number(row.netMinor),
    taxMinor: Number(row.taxMinor),
    grossMinor: Number(row.grossMinor),
    paidMinor: Number(row.paidMinor),
    creditedMinor: Number(row.creditedMinor),
    openMinor: Number(row.openMinor),
  };
}

interface Parts {
  readonly lines: readonly PlacedLine[];
  readonly payments?: readonly InvoicePayment[];
  readonly creditNotes?: readonly CreditNoteLink[];
  readonly credits?: { readonly id: string; readonly number: string } | undefined;
}

export function toDetail(row: InvoiceRow, parts: Parts): InvoiceDetail {
  const { lines, payments = [], creditNotes = [], credits } = parts;
  const { taxes } = totalsOf(
    lines.map(({ taxPpm }) => taxPpm),
    lines.map(({ netMinor }) => netMinor),
  );
  return {
    id: row.id,
    version: toVersion(row.version),
    kind: row.kind,
    number: row.number,
    customerId: row.customerId,
    customerName: row.customerName,
    issueDate: row.issueDate,
    dueDate: row.dueDate,
    status: row.status,
    currency: row.currency,
    ...amountsOf(row),
    reference: textOf(row.reference),
    updatedAt: row.updatedAt,
    series: row.series,
    termDays: daysBetween(row.issueDate, row.dueDate),
    note: textOf(row.note),
    internalNote: textOf(row.internalNote),
    lines: lines.map(toLine),
    taxes: taxes.map((tax) => ({
      taxPpm: tax.taxPpm,
      netMinor: Number(tax.netMinor),
      taxMinor: Number(tax.taxMinor),
    })),
    payments: payments.map((payment) => ({ ...payment })),
    creditNotes: creditNotes.map((note) => ({ ...note })),
    credits: credits ?? null,
    reason: textOf(row.reason),
    issuedAt: row.issuedAt,
    createdAt: row.createdAt,
  };
}

function toLine(line: PlacedLine): InvoiceDetail['lines'][number] {
  return {
    position: line.position,
    description: line.description,
    quantity: formatQuantity(line.quantityMicro),
    unit: textOf(line.unit),
    unitPriceMinor: Number(line.unitPriceMinor),
    taxPpm: line.taxPpm,
    netMinor: Number(line.netMinor),
  };
}

function textOf(text: string): string | null {
  return text === '' ? null : text;
}

/** Everything of a document that its page shows. */
export async function readDetail(reader: Reader, row: InvoiceRow): Promise<InvoiceDetail> {
  const [lines, payments, creditNotes, credits] = await Promise.all([
    findLines(reader, row.id),
    row.paidMinor === 0n ? [] : findPayments(reader, row.id),
    row.creditedMinor === 0n ? [] : findCreditNotes(reader, row.id),
    row.creditsId === null ? undefined : findNumber(reader, row.creditsId),
  ]);
  return toDetail(row, { lines, payments, creditNotes, credits });
}

import assert from 'node:assert/strict';

import type { z } from '@plinth/core/z';

import { addDays, daysBetween, type Day } from './day.ts';
import type { CustomerTerms } from './detail-table.ts';
import type { Line, PlacedLine, Terms } from './invoice.ts';
import type { DraftRow } from './invoice-table.ts';
import type { LineRow } from './line-table.ts';
import type { draftInput, lineInput } from './shapes.ts';
import { parseQuantity, type Totals } from './totals.ts';

export type DraftInput = z.output<typeof draftInput>;
/** The fields that are to change. */
export type DraftChange = { readonly [field in keyof DraftInput]?: DraftInput[field] | undefined };
type LineInput = z.output<typeof lineInput>;

export function newTerms(input: DraftInput, customer: CustomerTerms, today: Day): Terms {
  const issueDate = input.issueDate ?? today;
  return {
    customerId: customer.id,
    customerName: customer.name,
    currency: input.currency ?? customer.currency,
    issueDate,
    dueDate: input.dueDate ?? addDays(issueDate, customer.termDays),
    reference: input.reference ?? '',
    note: input.note ?? '',
    internalNote: input.internalNote ?? '',
  };
}

/** A new issue date moves the due date along, unless that is given too. */
export function changedTerms(
  before: Terms,
  input: DraftChange,
  customer: CustomerTerms | undefined,
): Terms {
  const issueDate = input.issueDate ?? before.issueDate;
  const termDays = daysBetween(before.issueDate, before.dueDate);
  return {
    customerId: customer?.id ?? before.customerId,
    customerName: customer?.name ?? before.customerName,
    currency: input.currency ?? before.currency,
    issueDate,
    dueDate: input.dueDate ?? addDays(issueDate, termDays),
    reference: input.reference ?? before.reference,
    note: input.note ?? before.note,
    internalNote: input.internalNote ?? before.internalNote,
  };
}

export function toLine(input: LineInput): Line {
  const quantityMicro = parseQuantity(input.quantity);
  assert(quantityMicro !== undefined, 'the contract admits only decimals');
  return {
    description: input.description,
    quantityMicro,
    unit: input.unit ?? '',
    unitPriceMinor: BigInt(input.unitPriceMinor),
    taxPpm: input.taxPpm,
  };
}

export function placeLines(lines: readonly Line[], { lineNets }: Totals): PlacedLine[] {
  return lines.map((line, index) => ({
    ...line,
    position: index + 1,
    netMinor: lineNets[index] ?? 0n,
  }));
}

export function rowsOf(invoiceId: string, lines: readonly PlacedLine[]): LineRow[] {
  return lines.map((line) => ({ ...line, invoiceId }));
}

export function draftRow(id: string, terms: Terms, totals: Totals, now: string): DraftRow {
  const { netMinor, taxMinor, grossMinor } = totals;
  const { customerId, customerName, currency, issueDate, dueDate } = terms;
  const { reference, note, internalNote } = terms;
  const texts = { reference, note, internalNote };
  const dates = { issueDate, dueDate, now };
  return {
    id,
    customerId,
    customerName,
    currency,
    ...dates,
    netMinor,
    taxMinor,
    grossMinor,
    ...texts,
  };
}

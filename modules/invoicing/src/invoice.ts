import type { FieldProblem } from '@plinth/core';

import { addDays, daysBetween, type Day } from './day.ts';
import { exponentOf, minorMax } from './money.ts';
import { notDraft, refused } from './problems.ts';
import { statusOf, type Balance, type Kind, type Status } from './status.ts';
import { lineNet, totalsOf, type Totals } from './totals.ts';

export interface Line {
  readonly description: string;
  /** Millionths. */
  readonly quantityMicro: bigint;
  readonly unit: string;
  readonly unitPriceMinor: bigint;
  readonly taxPpm: number;
}
/** A line with its place and amount. */
export interface PlacedLine extends Line {
  /** From 1. */
  readonly position: number;
  readonly netMinor: bigint;
}

/** What a person writes on a draft. Empty text is none. */
export interface Terms {
  readonly customerId: string;
  readonly customerName: string;
  readonly currency: string;
  readonly issueDate: Day;
  readonly dueDate: Day;
  readonly reference: string;
  readonly note: string;
  readonly internalNote: string;
}

interface Document extends Terms, Balance {
  readonly id: string;
  readonly version: number;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly openMinor: bigint;
}
export interface Draft extends Document {
  readonly status: 'draft';
}
export interface Issued extends Document {
  readonly status: Exclude<Status, 'draft'>;
  readonly series: string;
  readonly number: string;
}
export type Invoice = Draft | Issued;

const termDaysMax = 365;
/** An issue date may be a day ahead: it is tomorrow already where some people work. */
const daysAheadMax = 1;

/** @throws {Problem} `invoicing.bad_currency`, `invoicing.bad_dates`, `invoicing.bad_amount`, with the field. */
export function checkDraft(terms: Terms, lines: readonly Line[]): Totals {
  if (exponentOf(terms.currency) === undefined) {
    throw refused('invoicing.bad_currency', `${terms.currency} is no currency of ISO 4217.`, [
      field('/currency', 'unknown_currency', 'No currency of ISO 4217.'),
    ]);
  }
  const days = daysBetween(terms.issueDate, terms.dueDate);
  if (days < 0 || days > termDaysMax) {
    const message = `The due date must be 0 to ${termDaysMax} days after the issue date.`;
    throw refused('invoicing.bad_dates', message, [field('/dueDate', 'out_of_range', message)]);
  }
  const nets = lines.map(({ quantityMicro, unitPriceMinor }) =>
    lineNet(quantityMicro, unitPriceMinor),
  );
  const totals = totalsOf(
    lines.map(({ taxPpm }) => taxPpm),
    nets,
  );
  const tooLarge = [...nets, totals.netMinor, totals.grossMinor].some(
    (amount) => amount > minorMax || amount < -minorMax,
  );
  if (tooLarge) {
    throw refused('invoicing.bad_amount', 'The total is larger than 9,007,199,254,740,991.', [
      field('/lines', 'too_large', 'The total is too large.'),
    ]);
  }
  return totals;
}

/** @throws {Problem} `invoicing.not_draft` */
export function requireDraft(invoice: Invoice): Draft {
  if (invoice.status !== 'draft') throw notDraft(invoice.number);
  return invoice;
}

export interface IssueDates {
  readonly issueDate: Day;
  readonly dueDate: Day;
}

/**
 * Whether a draft can become an invoice today, and under which dates: its term counts from the issue date.
 *
 * @throws {Problem} `invoicing.not_issuable` with one field for each thing that blocks it.
 */
export function checkIssue(
  draft: Draft,
  lines: readonly Line[],
  { today, issueDate = today }: { today: Day; issueDate?: Day | undefined },
): IssueDates {
  const faults: FieldProblem[] = [];
  if (lines.length === 0)
    faults.push(field('/lines', 'empty', 'An invoice has at least one line.'));
  if (draft.grossMinor < 0n) {
    faults.push(
      field('/lines', 'negative_total', 'The total is negative: credit an invoice instead.'),
    );
  }
  if (issueDate > addDays(today, daysAheadMax)) {
    faults.push(field('/issueDate', 'in_future', 'The issue date lies in the future.'));
  }
  if (faults.length > 0) {
    throw refused('invoicing.not_issuable', 'The draft cannot be issued yet.', faults);
  }
  const termDays = daysBetween(draft.issueDate, draft.dueDate);
  return { issueDate, dueDate: addDays(issueDate, termDays) };
}

/** The status that a draft gets on its day: one over nothing is settled at once. */
export function issuedStatus({ grossMinor }: { grossMinor: bigint }): Exclude<Status, 'draft'> {
  return statusOf({ kind: 'invoice', grossMinor, paidMinor: 0n, creditedMinor: 0n });
}

export interface Series {
  readonly code: string;
  readonly kind: Kind | 'imported';
}
/** Numbers of `imported` come from outside: they may have gaps, and are never continued. */
export const seriesList: readonly Series[] = [
  { code: 'INV', kind: 'invoice' },
  { code: 'CN', kind: 'credit-note' },
  { code: 'imported', kind: 'imported' },
];

const numberDigits = 6;

/** `INV-2026-000123`. The table does the same where it takes a number. */
export function formatNumber(series: string, year: number, count: number): string {
  return `${series}-${year}-${String(count).padStart(numberDigits, '0')}`;
}

function field(pointer: string, code: string, message: string): FieldProblem {
  return { pointer, code, message };
}

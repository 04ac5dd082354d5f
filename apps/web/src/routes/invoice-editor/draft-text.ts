import type { invoicing } from '@plinth/invoicing';
import type { z } from '@plinth/core/z';
import { amount, type Formats } from '@plinth/ui/format';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { writeDecimal } from './decimal.ts';

export type DraftInput = z.input<typeof invoicing.operations.createDraft.input>;
export type LineInput = DraftInput['lines'][number];

export const lineColumns = ['description', 'quantity', 'unit', 'price', 'tax'] as const;
export type LineColumn = (typeof lineColumns)[number];

/** A line as it is typed. */
export type LineText = {
  /** Tells lines apart while they move; never sent. */
  readonly key: number;
} & Readonly<Record<LineColumn, string>>;

export interface Picked {
  readonly id: string;
  readonly name: string;
}

/** A draft as it is typed: figures are texts, days are `YYYY-MM-DD`. */
export interface DraftText {
  readonly customer: Picked | undefined;
  readonly currency: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly reference: string;
  readonly note: string;
  readonly internalNote: string;
  readonly lines: readonly LineText[];
}

let lastKey = 0;

/** An empty line; `tax` goes on as in the line before. */
export function newLine(tax = ''): LineText {
  lastKey += 1;
  return { key: lastKey, description: '', quantity: '1', unit: '', price: '', tax };
}

/** Nothing is typed into it yet: it is not part of the document. */
export function isBlank({ description, unit, price }: LineText): boolean {
  return [description, unit, price].every((text) => text.trim() === '');
}

export function emptyDraft(today: string, currency: string): DraftText {
  return {
    customer: undefined,
    currency,
    issueDate: today,
    dueDate: today,
    reference: '',
    note: '',
    internalNote: '',
    lines: [newLine()],
  };
}

/** The stored draft as a person would have typed it. */
export function textOf(detail: InvoiceDetail, formats: Formats): DraftText {
  const { customerId: id, customerName: name, currency } = detail;
  const lines = detail.lines.map((line): LineText => ({
    ...newLine(),
    description: line.description,
    quantity: writeDecimal(line.quantity, formats),
    unit: line.unit ?? '',
    price: amount({ minor: line.unitPriceMinor, currency }, formats),
    tax: writeDecimal(toPercent(line.taxPpm), formats),
  }));
  return {
    customer: { id, name },
    currency,
    issueDate: detail.issueDate,
    dueDate: detail.dueDate,
    reference: detail.reference ?? '',
    note: detail.note ?? '',
    internalNote: detail.internalNote ?? '',
    lines: lines.length === 0 ? [newLine()] : lines,
  };
}

const ppmPerPercent = 10_000;

/** 190,000 parts per million are `19`, 81,000 are `8.1`. */
export function toPercent(ppm: number): string {
  const fraction = String(ppm % ppmPerPercent)
    .padStart(4, '0')
    .replace(/0+$/u, '');
  return `${Math.floor(ppm / ppmPerPercent)}${fraction === '' ? '' : `.${fraction}`}`;
}

import { parseQuantity } from '@plinth/invoicing/browser';
import { type Formats, parseMoney } from '@plinth/ui/format';

import { parseDecimal } from './decimal.ts';
import {
  type DraftInput,
  type DraftText,
  isBlank,
  type LineColumn,
  type LineInput,
  type LineText,
} from './draft-text.ts';

/** Ids of the words that say what is wrong. */
export type FaultCode =
  | 'fault_description'
  | 'fault_long'
  | 'fault_quantity'
  | 'fault_price'
  | 'fault_price_precise'
  | 'fault_price_ambiguous'
  | 'fault_tax'
  | 'fault_customer'
  | 'fault_dates';

export type LineFaults = Partial<Readonly<Record<LineColumn, FaultCode>>>;

export interface ReadLine {
  /** Undefined: something is wrong with it. */
  readonly input: LineInput | undefined;
  readonly faults: LineFaults;
}

const descriptionCharactersMax = 500;
const unitCharactersMax = 20;
const priceMinorMax = 1_000_000_000_000;
const percentMax = 100;
const ppmPerPercent = 10_000;

interface Known {
  readonly currency: string;
  readonly locale: string;
  readonly read: ReadLine;
}
/** Lines are never changed in place: what was read once holds as long as the line stands. */
const known = new WeakMap<LineText, Known>();

export function readLine(line: LineText, currency: string, formats: Formats): ReadLine {
  const before = known.get(line);
  if (before?.currency === currency && before.locale === formats.locale) return before.read;
  const read = parseLine(line, currency, formats);
  known.set(line, { currency, locale: formats.locale, read });
  return read;
}

function parseLine(line: LineText, currency: string, formats: Formats): ReadLine {
  const description = line.description.trim();
  const unit = line.unit.trim();
  const quantity = readQuantity(line.quantity, formats);
  const price = readPrice(line.price, currency, formats);
  const tax = readTax(line.tax, formats);
  const faults = Object.entries({
    description: descriptionFault(description),
    quantity: quantity === undefined ? 'fault_quantity' : undefined,
    unit: unit.length > unitCharactersMax ? 'fault_long' : undefined,
    price: typeof price === 'string' ? price : undefined,
    tax: tax === undefined ? 'fault_tax' : undefined,
  }).filter(([, code]) => code !== undefined);
  if (
    quantity === undefined ||
    typeof price === 'string' ||
    tax === undefined ||
    faults.length > 0
  ) {
    return { input: undefined, faults: Object.fromEntries(faults) };
  }
  const named = unit === '' ? {} : { unit };
  return {
    input: { description, quantity, ...named, unitPriceMinor: price, taxPpm: tax },
    faults: {},
  };
}

function descriptionFault({ length }: string): FaultCode | undefined {
  if (length === 0) return 'fault_description';
  return length > descriptionCharactersMax ? 'fault_long' : undefined;
}

function readQuantity(text: string, formats: Formats): string | undefined {
  const decimal = parseDecimal(text, formats);
  return decimal === undefined || parseQuantity(decimal) === undefined ? undefined : decimal;
}

function readPrice(text: string, currency: string, formats: Formats): number | FaultCode {
  const parsed = parseMoney(text, currency, formats);
  if (parsed.ok) return Math.abs(parsed.minor) > priceMinorMax ? 'fault_price' : parsed.minor;
  if (parsed.code === 'too-precise') return 'fault_price_precise';
  return parsed.code === 'ambiguous' ? 'fault_price_ambiguous' : 'fault_price';
}

function readTax(text: string, formats: Formats): number | undefined {
  const decimal = parseDecimal(text.replace('%', ''), formats);
  if (decimal === undefined) return undefined;
  const percent = Number(decimal);
  const ppm = Math.round(percent * ppmPerPercent);
  const exact = (decimal.split('.')[1] ?? '').length <= 4;
  return exact && percent >= 0 && percent <= percentMax ? ppm : undefined;
}

export interface Fault {
  /** `customer`, `dueDate`, `lines.3.price`: a line by its place from 0. */
  readonly path: string;
  readonly code: FaultCode;
}

/** The parts that are saved, compared and merged as one each. */
export const sections = [
  'customerId',
  'currency',
  'issueDate',
  'dueDate',
  'reference',
  'note',
  'internalNote',
  'lines',
] as const;
export type Section = (typeof sections)[number];

export interface Reading {
  /** What can be sent; a part with a fault is missing. */
  readonly values: { readonly [section in Section]?: DraftInput[section] };
  readonly faults: readonly Fault[];
}

/** What is typed, as the contract takes it. Blank lines are no lines. */
export function readDraft(draft: DraftText, formats: Formats): Reading {
  const { customer, currency, issueDate, dueDate, reference, note, internalNote } = draft;
  const lines = readLines(draft, formats);
  const wrongDates = dueDate < issueDate;
  const faults: Fault[] = [
    ...(customer === undefined ? [fault('customer', 'fault_customer')] : []),
    ...(wrongDates ? [fault('dueDate', 'fault_dates')] : []),
    ...lines.faults,
  ];
  return {
    values: {
      ...(customer === undefined ? {} : { customerId: customer.id }),
      currency,
      ...(wrongDates ? {} : { issueDate, dueDate }),
      reference: reference.trim(),
      note: note.trim(),
      internalNote: internalNote.trim(),
      ...(lines.faults.length > 0 ? {} : { lines: lines.inputs }),
    },
    faults,
  };
}

function readLines(
  { lines, currency }: DraftText,
  formats: Formats,
): { readonly inputs: LineInput[]; readonly faults: Fault[] } {
  const inputs: LineInput[] = [];
  const faults: Fault[] = [];
  for (const [at, line] of lines.entries()) {
    if (isBlank(line)) continue;
    const read = readLine(line, currency, formats);
    if (read.input !== undefined) inputs.push(read.input);
    for (const [column, code] of Object.entries(read.faults)) {
      faults.push(fault(`lines.${at}.${column}`, code));
    }
  }
  return { inputs, faults };
}

function fault(path: string, code: FaultCode): Fault {
  return { path, code };
}

/** What of `now` differs from what the server has: the body of a change. Undefined: nothing. */
export function changesOf(
  saved: Reading['values'],
  now: Reading['values'],
): Reading['values'] | undefined {
  const changed = sections.filter(
    (section) =>
      now[section] !== undefined && JSON.stringify(now[section]) !== JSON.stringify(saved[section]),
  );
  if (changed.length === 0) return undefined;
  // A new issue date alone would move the due date on the server: what stands here is meant.
  if (changed.includes('issueDate') && !changed.includes('dueDate')) changed.push('dueDate');
  return Object.fromEntries(changed.map((section) => [section, now[section]]));
}

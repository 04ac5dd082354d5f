import type { z } from '@plinth/core/z';

import { addDays, daysBetween, type Day } from './day.ts';
import type { Columns } from './import-fields.ts';
import { readRow, type RowFault, type RowReader } from './import-row.ts';
import type { importSettings } from './import-shapes.ts';
import type { PlacedLine } from './invoice.ts';
import { exponentOf, minorMax } from './money.ts';
import type { Kind } from './status.ts';
import { lineNet } from './totals.ts';

export type ImportSettings = z.output<typeof importSettings>;

/** How a file is to be read. */
export interface Plan {
  readonly settings: ImportSettings;
  readonly header: readonly string[];
  readonly columns: Columns;
}

/** A row as it stands in the file. */
export interface SourceRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A document that can be booked: tax 0 %, so its net amount is its total. */
export interface ImportedDocument {
  readonly line: number;
  readonly kind: Kind;
  readonly number: string;
  readonly customer: { readonly number: string; readonly name: string; readonly country: string };
  readonly currency: string;
  readonly issueDate: Day;
  readonly dueDate: Day;
  readonly grossMinor: bigint;
  readonly lines: readonly PlacedLine[];
}
export interface LineFault extends RowFault {
  readonly line: number;
}
export type ReadDocument =
  | { readonly document: ImportedDocument; readonly rows: readonly SourceRow[] }
  | { readonly faults: readonly LineFault[]; readonly rows: readonly SourceRow[] };

const linesMax = 2_000;
const creditNumber = /^C\d/iu;

/**
 * Makes one document of the rows that carry its number. A fault in any of them refuses all: a document is never
 * booked in part.
 */
export function readDocument(plan: Plan, rows: readonly SourceRow[]): ReadDocument {
  const faults: LineFault[] = [];
  const read = rows.map((row, index) => {
    const reader = readRow(row.fields, plan.header, plan.columns);
    const fields = readFields(reader, plan);
    const line = readLine(reader, plan, fields, index + 1);
    return { fields, line, reader, at: row.line };
  });
  const [first] = read;
  if (first === undefined) return { faults, rows };
  for (const { fields, reader } of read) checkSame(reader, fields, first.fields);
  const grossMinor = read.reduce((sum, { line }) => sum + line.netMinor, 0n);
  const kind: Kind = creditNumber.test(first.fields.number) ? 'credit-note' : 'invoice';
  checkTotal(first.reader, plan, kind, grossMinor);
  if (rows.length > linesMax) {
    first.reader.fault('number', 'too_many_lines', `has more than ${linesMax} lines`);
  }
  for (const { reader, at } of read) {
    faults.push(...reader.faults.map((fault) => ({ line: at, ...fault })));
  }
  if (faults.length > 0) return { faults, rows };
  const { number, customer, currency, issueDate, dueDate } = first.fields;
  const lines = read.map(({ line }) => line);
  const dates = { issueDate, dueDate };
  return {
    document: { line: first.at, kind, number, customer, currency, ...dates, grossMinor, lines },
    rows,
  };
}

interface Fields {
  readonly number: string;
  readonly customer: ImportedDocument['customer'];
  readonly currency: string;
  readonly issueDate: Day;
  readonly dueDate: Day;
}

function readFields(reader: RowReader, { settings }: Plan): Fields {
  const number = reader.text('number', 64);
  const issueDate = reader.day('date', settings.dateOrder);
  const customerNumber = reader.text('customer', 32);
  const name = reader.optional('customerName', 200);
  const currency = reader.has('currency') ? reader.text('currency', 3) : settings.currency;
  if (exponentOf(currency) === undefined) {
    reader.fault('currency', 'unknown_currency', 'is no currency of ISO 4217');
  }
  const dueDate = reader.has('dueDate')
    ? reader.day('dueDate', settings.dateOrder)
    : addDays(issueDate, settings.termDays);
  if (daysBetween(issueDate, dueDate) < 0) {
    reader.fault('dueDate', 'before_issue', 'lies before the date of the document');
  }
  const country = countryCode(reader.optional('country', 100)) ?? settings.country;
  const customer = { number: customerNumber, name: name || `Customer ${customerNumber}`, country };
  return { number, customer, currency, issueDate, dueDate };
}

function readLine(
  reader: RowReader,
  { settings }: Plan,
  { number, currency }: Fields,
  position: number,
): PlacedLine {
  const terms = { unit: '', taxPpm: 0, position };
  if (settings.mapping === 'invoice-rows') {
    const netMinor = reader.amount('total', currency);
    const description = `Total of ${number}`;
    return { ...terms, description, quantityMicro: 1_000_000n, unitPriceMinor: netMinor, netMinor };
  }
  const description = reader.text('description', 500);
  const quantityMicro = reader.quantity('quantity');
  const unitPriceMinor = reader.amount('unitPrice', currency);
  if (unitPriceMinor === 0n && description === '' && reader.has('unitPrice')) {
    reader.fault('unitPrice', 'zero', 'is 0, and nothing says what for');
  }
  const netMinor = lineNet(quantityMicro, unitPriceMinor);
  return { ...terms, description, quantityMicro, unitPriceMinor, netMinor };
}

function checkSame(reader: RowReader, fields: Fields, first: Fields): void {
  if (reader.faults.length > 0) return;
  if (fields.customer.number !== first.customer.number) {
    reader.fault('customer', 'differs', `differs from ${first.customer.number} in the first line`);
  }
  if (fields.issueDate !== first.issueDate) {
    reader.fault('date', 'differs', `differs from ${first.issueDate} in the first line`);
  }
  if (fields.currency !== first.currency) {
    reader.fault('currency', 'differs', `differs from ${first.currency} in the first line`);
  }
}

function checkTotal(reader: RowReader, { settings }: Plan, kind: Kind, total: bigint): void {
  if (reader.faults.length > 0) return;
  const place = settings.mapping === 'invoice-rows' ? 'total' : 'quantity';
  if (total > minorMax || total < -minorMax) {
    reader.fault(place, 'too_large', 'makes a total that is too large');
  } else if (total === 0n) {
    reader.fault(place, 'zero_total', 'makes a total of 0: there is nothing to book');
  } else if (kind === 'credit-note' && total > 0n) {
    reader.fault(place, 'sign', 'makes a credit note (a number with C) of more than 0');
  } else if (kind === 'invoice' && total < 0n) {
    reader.fault(
      place,
      'sign',
      'makes an invoice of less than 0: a credit note has a number with C',
    );
  }
}

let codeOfCountry: Map<string, string> | undefined;

/** ISO 3166-1 of an English name, or the code itself. */
function countryCode(name: string): string | undefined {
  if (name === '') return undefined;
  codeOfCountry ??= englishCountries();
  const upper = name.toUpperCase();
  return codeOfCountry.get(upper);
}

function englishCountries(): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const codes = letters
    .flatMap((first) => letters.map((second) => first + second))
    // Without codes that another has replaced, such as UK.
    .filter((code) => new Intl.Locale(`und-${code}`).region === code);
  const known = codes.flatMap((code) => {
    const name = names.of(code);
    return name === undefined ? [] : [[name.toUpperCase(), code] as const, [code, code] as const];
  });
  return new Map<string, string>([...known, ['EIRE', 'IE'], ['USA', 'US'], ['UK', 'GB']]);
}

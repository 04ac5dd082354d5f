import { isDay, type Day } from './day.ts';
import type { Columns, Field } from './import-fields.ts';
import { exponentOf, parseAmount } from './money.ts';
import { parseQuantity } from './totals.ts';

export type DateOrder = 'iso' | 'mdy' | 'dmy';

export interface RowFault {
  /** As the header spells it. */
  readonly column: string;
  readonly value: string;
  readonly code: string;
  readonly reason: string;
}

/** Reads the fields of one row; what does not fit is noted and reading goes on, so that a row tells all its faults. */
export interface RowReader {
  readonly faults: readonly RowFault[];
  has(field: Field): boolean;
  text(field: Field, charactersMax: number): string;
  optional(field: Field, charactersMax: number): string;
  day(field: Field, order: DateOrder): Day;
  amount(field: Field, currency: string): bigint;
  quantity(field: Field): bigint;
  fault(field: Field, code: string, reason: string): void;
}

const reasonOf = {
  not_number: 'is not a number',
  too_precise: 'has more decimals than the currency',
  too_large: 'is too large',
} as const;

export function readRow(
  fields: readonly string[],
  header: readonly string[],
  columns: Columns,
): RowReader {
  const faults: RowFault[] = [];
  const valueOf = (field: Field) => fields[columns.get(field) ?? -1]?.trim() ?? '';
  const fault: RowReader['fault'] = (field, code, reason) => {
    const column = header[columns.get(field) ?? -1] ?? field;
    faults.push({ column, value: valueOf(field).slice(0, 200), code, reason });
  };
  const bounded = (field: Field, charactersMax: number) => {
    const value = valueOf(field);
    if (value.length > charactersMax) {
      fault(field, 'too_long', `is longer than ${charactersMax} characters`);
    }
    return value;
  };
  return {
    faults,
    has: (field) => columns.has(field) && valueOf(field) !== '',
    optional: bounded,
    text(field, charactersMax) {
      const value = bounded(field, charactersMax);
      if (value === '') fault(field, 'empty', 'is required');
      return value;
    },
    day(field, order) {
      const value = valueOf(field);
      const day = parseDay(value, order);
      if (day !== undefined) return day;
      if (value === '') fault(field, 'empty', 'is required');
      else fault(field, 'no_such_date', whyNoDate(value, order));
      return '1970-01-01';
    },
    amount(field, currency) {
      const value = valueOf(field);
      const amount = parseAmount(value, exponentOf(currency) ?? 2);
      if (typeof amount === 'bigint') return amount;
      if (value === '') fault(field, 'empty', 'is required');
      else fault(field, amount, reasonOf[amount]);
      return 0n;
    },
    quantity(field) {
      const value = valueOf(field);
      const quantity = parseQuantity(value);
      if (quantity !== undefined && quantity !== 0n) return quantity;
      if (value === '') fault(field, 'empty', 'is required');
      else if (quantity === 0n) fault(field, 'zero', 'is 0');
      else fault(field, 'not_number', 'is not a number of at most 6 decimals');
      return 0n;
    },
    fault,
  };
}

/** A time of day behind the date is left aside. Two-digit years are 1970 to 2069. */
export function parseDay(text: string, order: DateOrder): Day | undefined {
  const date = text.split(/[ T]/u)[0] ?? '';
  const iso = order === 'iso' ? date : isoOf(date, order);
  return isDay(iso) ? iso : undefined;
}

function isoOf(date: string, order: 'mdy' | 'dmy'): string {
  const parts = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$/u.exec(date);
  if (parts === null) return '';
  const [first = '', second = '', year = ''] = parts.slice(1);
  const [month, day] = order === 'mdy' ? [first, second] : [second, first];
  const century = Number(year) < 70 ? '20' : '19';
  const fullYear = year.length === 4 ? year : century + year;
  return `${fullYear}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function whyNoDate(text: string, order: DateOrder): string {
  if (order === 'iso') return 'is not a date like 2011-12-09';
  const swapped = parseDay(text, order === 'mdy' ? 'dmy' : 'mdy');
  return swapped === undefined ? 'is no date' : 'is no date: are day and month swapped?';
}

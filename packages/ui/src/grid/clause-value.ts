import {
  amount,
  day,
  exponentOf,
  type Formats,
  isDay,
  parseDate,
  parseMoney,
  type PlainDate,
  toDecimal,
} from '../format/index.ts';
import type { GridTranslate } from './grid-words.ts';
import type { FilterKind } from './column.ts';
import type { Clause, Operator } from './filter.ts';

interface Reader {
  readonly formats: Formats;
  readonly today: PlainDate;
}

interface Speaker extends Reader {
  readonly words: GridTranslate;
}

/** Spans that `this:` knows; they follow the tenant's calendar. */
export const thisSpans = ['week', 'month', 'quarter', 'year'] as const;

/** What an editor shows of a value on the wire: `50000` → `500.00`, `30d` → `30`. */
export function toTyped(
  kind: FilterKind,
  op: Operator,
  value: string,
  { formats }: Reader,
): string {
  if (op === 'last' || op === 'next') return value.replace(/d$/u, '');
  if (kind.type === 'money') return toDecimal(Number(value), exponentOf(kind.currency));
  return kind.type === 'date' && isDay(value) ? day(value, formats) : value;
}

/** What was typed, as it stands on the wire; undefined if it does not fit: it is then not sent. */
export function fromTyped(
  kind: FilterKind,
  op: Operator,
  text: string,
  { formats, today }: Reader,
): string | undefined {
  const typed = text.trim();
  if (op === 'last' || op === 'next')
    return /^[1-9]\d{0,3}$/u.test(typed) ? `${typed}d` : undefined;
  if (op === 'this') return typed === '' ? undefined : typed;
  if (kind.type === 'money') {
    const parsed = parseMoney(typed, kind.currency, formats);
    return parsed.ok ? String(parsed.minor) : undefined;
  }
  if (kind.type === 'date') return parseDate(typed, formats, today);
  const fits = kind.type === 'number' ? /^-?\d+$/u : /./u;
  return fits.test(typed) ? typed : undefined;
}

/** The value as the chip says it. */
export function clauseText(kind: FilterKind, clause: Clause, reader: Speaker): string {
  const { op, values } = clause;
  const { words } = reader;
  if (kind.type === 'bool') return words(values[0] === 'true' ? 'yes' : 'no');
  if (kind.type === 'enum') {
    return values
      .map((value) => kind.options.find((option) => option.value === value)?.label ?? value)
      .join(', ');
  }
  return values.map((value) => valueText(kind, op, value, reader)).join(' – ');
}

function valueText(kind: FilterKind, op: Operator, value: string, reader: Speaker): string {
  if (op === 'last' || op === 'next') {
    return reader.words('days', { n: Number(value.replace(/d$/u, '')) });
  }
  if (kind.type === 'money') {
    return amount({ minor: Number(value), currency: kind.currency }, reader.formats);
  }
  return toTyped(kind, op, value, reader);
}

import { amount, day, exponentOf, type Formats, isDay, toDecimal } from '../format/index.ts';
import type { GridTranslate } from './grid-words.ts';
import type { FilterKind } from './column.ts';
import type { Clause, Operator } from './filter.ts';

interface Reader {
  readonly formats: Formats;
}

interface Speaker extends Reader {
  readonly words: GridTranslate;
}

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

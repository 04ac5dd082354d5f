import { type Formats, parseDate, parseMoney, type PlainDate } from '../format/index.ts';
import type { FilterKind } from './column.ts';
import type { Operator } from './filter.ts';

interface Reader {
  readonly formats: Formats;
  readonly today: PlainDate;
}

/** Spans that `this:` knows; they follow the tenant's calendar. */
export const thisSpans = ['week', 'month', 'quarter', 'year'] as const;

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

import { addDays, endOfMonth, isDay } from './day.ts';
import { dateFormat, type Formats, type PlainDate } from './formats.ts';

/**
 * Reads a day as people type it: `2026-11-23` always; `23.11.`, `23/11/26`, `23` in the locale's order; `t` today,
 * `+30` and `-7` days from today, `eom` the end of the month.
 *
 * A year of two digits is of this century; without a year it is today's.
 */
export function parseDate(text: string, formats: Formats, today: PlainDate): PlainDate | undefined {
  const typed = text.trim().toLowerCase();
  if (isDay(typed)) return typed;
  if (typed === 't') return today;
  if (typed === 'eom') return endOfMonth(today);
  const distance = /^([+\-\u{2212}])(\d{1,4})$/u.exec(typed);
  if (distance !== null) {
    const days = Number(distance[2]);
    return addDays(today, distance[1] === '+' ? days : -days);
  }
  const parts = typed.split(/[./\-\s]+/u).filter((part) => part !== '');
  if (parts.length > 3 || !parts.every((part) => /^\d{1,4}$/u.test(part))) return undefined;
  return fromParts(parts, formats, today);
}

function fromParts(
  parts: readonly string[],
  formats: Formats,
  today: PlainDate,
): PlainDate | undefined {
  const [first, second, third] = parts;
  if (first === undefined) return undefined;
  if (second === undefined) return checked(today.slice(0, 4), today.slice(5, 7), first);
  const [day, month] = monthFirst(formats.locale) ? [second, first] : [first, second];
  return checked(toYear(third ?? today.slice(0, 4)), month, day);
}

function toYear(text: string): string {
  return text.length <= 2 ? String(2000 + Number(text)) : text;
}

function checked(year: string, month: string, day: string): PlainDate | undefined {
  const date = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay(date) ? date : undefined;
}

function monthFirst(locale: string): boolean {
  const parts = dateFormat(locale, { day: 'numeric', month: 'numeric', timeZone: 'UTC' })
    .formatToParts(0)
    .map(({ type }) => type);
  return parts.indexOf('month') < parts.indexOf('day');
}

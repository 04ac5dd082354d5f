import { dateFormat, type Formats, type Instant, type PlainDate } from './formats.ts';

const dayMs = 86_400_000;

/** `13 Oct 2026`; `short` leaves the year out where it is today's: `13 Oct`. */
export function day(
  date: PlainDate,
  formats: Formats,
  style: 'full' | { readonly shortBefore: PlainDate } = 'full',
): string {
  const short = style !== 'full' && date.slice(0, 4) === style.shortBefore.slice(0, 4);
  return dateFormat(formats.locale, {
    day: '2-digit',
    month: 'short',
    timeZone: 'UTC',
    ...(short ? {} : { year: 'numeric' }),
  }).format(toUtc(date));
}

/** `Mar 2024`, or `Mar` alone. */
export function month(date: PlainDate, formats: Formats, style: 'full' | 'short' = 'full'): string {
  return dateFormat(formats.locale, {
    month: 'short',
    timeZone: 'UTC',
    ...(style === 'short' ? {} : { year: 'numeric' }),
  }).format(toUtc(date));
}

/** Day and time in the user's zone, or the time alone. */
export function instant(
  at: Instant,
  formats: Formats,
  style: 'full' | 'time' | 'seconds' = 'full',
): string {
  const time = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: formats.userZone,
  } as const;
  if (style === 'time') return dateFormat(formats.locale, time).format(at);
  if (style === 'seconds') {
    return dateFormat(formats.locale, { ...time, second: '2-digit' }).format(at);
  }
  const date = { day: '2-digit', month: 'short', year: 'numeric' } as const;
  return dateFormat(formats.locale, { ...date, ...time }).format(at);
}

/** The day in a zone at an instant. */
export function dayAt(at: Instant, zone: string): PlainDate {
  const parts = dateFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: zone,
  }).formatToParts(at);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** Days from one day to another; negative if `to` is earlier. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return Math.round((toUtc(to) - toUtc(from)) / dayMs);
}

export function addDays(date: PlainDate, days: number): PlainDate {
  return fromUtc(toUtc(date) + days * dayMs);
}

/** The number of the date's week (ISO 8601): the week that holds the year's first Thursday is 1. */
export function weekOf(date: PlainDate): number {
  const thursday = addDays(date, 3 - ((new Date(toUtc(date)).getUTCDay() + 6) % 7));
  return Math.floor(daysBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / 7) + 1;
}

/** The last day of the date's month. */
export function endOfMonth(date: PlainDate): PlainDate {
  const [year = 0, monthOfYear = 1] = date.split('-').map(Number);
  return fromUtc(Date.UTC(year, monthOfYear, 0));
}

/** True of a day that the calendar has: not of 2026-02-30. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/u.test(text) && fromUtc(toUtc(text)) === text;
}

function toUtc(date: PlainDate): number {
  const [year = 0, monthOfYear = 1, dayOfMonth = 1] = date.split('-').map(Number);
  return Date.UTC(year, monthOfYear - 1, dayOfMonth);
}

function fromUtc(ms: number): PlainDate {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Days `YYYY-MM-DD`, both included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

const countForm = /^([1-9]\d{0,3})([dwmy])$/u;
const monthsOf: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };

/**
 * The days that a relative value means, seen from `today`.
 *
 * `30d 2w 3m 1y` end (`last`) or begin (`next`) with today; `day week month quarter year` are those
 * of the calendar (weeks begin on Monday): the one before, the one after, or this one.
 *
 * @returns undefined for a value that means none.
 */
export function readPeriod(
  way: 'last' | 'next' | 'this',
  value: string,
  today: string,
): Period | undefined {
  const step = { last: -1, this: 0, next: 1 }[way];
  const [, count, unit] = countForm.exec(value) ?? [];
  if (count === undefined || unit === undefined) return calendarPeriod(value, step, today);
  if (step === 0) return undefined;
  const edge = shift(today, Number(count) * step, unit);
  return step < 0 ? { from: addDays(edge, 1), to: today } : { from: today, to: addDays(edge, -1) };
}

function calendarPeriod(unit: string, step: number, today: string): Period | undefined {
  if (unit === 'day') return { from: addDays(today, step), to: addDays(today, step) };
  if (unit === 'week') {
    const monday = addDays(today, step * 7 - ((toDate(today).getUTCDay() + 6) % 7));
    return { from: monday, to: addDays(monday, 6) };
  }
  const months = Object.hasOwn(monthsOf, unit) ? monthsOf[unit] : undefined;
  if (months === undefined) return undefined;
  const [year = 0, month = 1] = today.split('-').map(Number);
  const first = Math.floor((month - 1) / months) * months + step * months;
  return {
    from: toDay(Date.UTC(year, first, 1)),
    to: toDay(Date.UTC(year, first + months, 0)),
  };
}

function shift(day: string, count: number, unit: string): string {
  if (unit === 'd') return addDays(day, count);
  if (unit === 'w') return addDays(day, count * 7);
  const months = unit === 'm' ? count : count * 12;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return toDay(Date.UTC(year, month - 1 + months, Math.min(date, last)));
}

export function addDays(day: string, count: number): string {
  const date = toDate(day);
  return toDay(date.setUTCDate(date.getUTCDate() + count));
}

function toDate(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function toDay(ms: number): string {
  const year = new Date(ms).getUTCFullYear();
  if (year < 1 || year > 9_999) return year < 1 ? '0001-01-01' : '9999-12-31';
  return new Date(ms).toISOString().slice(0, 10);
}

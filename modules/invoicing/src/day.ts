// No imports: the browser loads this file too.

/** `YYYY-MM-DD`, no zone. Days compare as text. */
export type Day = string;

const dayMs = 86_400_000;

/** @param instantMs since the Unix epoch; the day is the UTC one. */
function dayOf(instantMs: number): Day {
  return new Date(instantMs).toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return dayOf(Date.parse(day) + days * dayMs);
}

/** From `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
}

export function yearOf(day: Day): number {
  return Number(day.slice(0, 4));
}

/** True for the days that are in the calendar. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/u.test(text) && addDaysSafe(text) === text;
}

function addDaysSafe(day: string): string | undefined {
  const ms = Date.parse(day);
  return Number.isNaN(ms) ? undefined : dayOf(ms);
}

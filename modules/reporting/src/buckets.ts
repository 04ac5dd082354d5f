import { addDays, type Day } from './day.ts';

/** Upper ends in days past due; then what is older. */
export const bucketEnds: readonly number[] = [30, 60, 90];

export interface Bucket {
  readonly fromDays: number | null;
  readonly toDays: number | null;
  readonly openMinor: number;
  readonly invoices: number;
}
export interface Owed {
  readonly openMinor: number;
  readonly invoices: number;
}

const none: Owed = { openMinor: 0, invoices: 0 };

/** The first days of the ranges, oldest first, as `width_bucket` wants them. */
export function firstDays(today: Day, ends: readonly number[]): Day[] {
  return [...ends.map((end) => addDays(today, -end)).toReversed(), today];
}

/**
 * One bucket a range, also those in which nothing is: not due, 1–30, 31–60, … and older.
 *
 * @param found by the place that `width_bucket` gave: 0 is the oldest, the last is not due.
 */
export function toBuckets(ends: readonly number[], found: ReadonlyMap<number, Owed>): Bucket[] {
  const last = ends.length + 1;
  const late = [...ends, null].map((end, index): Bucket => {
    const { openMinor, invoices } = found.get(last - 1 - index) ?? none;
    return { fromDays: (ends[index - 1] ?? 0) + 1, toDays: end, openMinor, invoices };
  });
  return [{ fromDays: null, toDays: 0, ...(found.get(last) ?? none) }, ...late];
}

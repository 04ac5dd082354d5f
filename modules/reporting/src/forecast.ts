/** How late invoices were paid in the past, in weeks. */
export interface Habits {
  /** How many payments of invoices were looked at. */
  readonly payments: number;
  /** Of those, how many came so many weeks after the week in which they were due; 0 also holds those before it. */
  readonly byDelay: readonly number[];
  /** Of the invoices that are old enough to be settled, the part that is still open: 0 to 1. */
  readonly unpaidShare: number;
}

/** What is owed by the week in which it is due: 0 is the present one, those before it are below. */
export type OwedByWeek = ReadonlyMap<number, number>;

export interface Expected {
  /** Of what is due in the present week or later. */
  readonly lowMinor: number;
  /** The same, and what is overdue. */
  readonly expectedMinor: number;
}

/**
 * Spreads what is owed over the weeks to come, as invoices were paid in the past: a mixture cure model (Boag, 1949).
 * A part is never paid; the rest comes so many weeks late as that of the past came. What is late by `a` weeks already
 * has only the longer delays before it, and is the likelier to be of those that are never paid.
 *
 * An estimate, so in floating point; each week is rounded to whole minor units at its end.
 */
export function spread(owed: OwedByWeek, habits: Habits, weeks: number): Expected[] {
  const shares = sharesOf(habits);
  const paid = 1 - habits.unpaidShare;
  const low = Array.from({ length: weeks }, () => 0);
  const late = [...low];
  // In one order, so that equal amounts give equal sums.
  for (const [week, owedMinor] of [...owed].toSorted(([a], [b]) => a - b)) {
    const age = Math.max(0, -week);
    const left = shares.slice(age).reduce((sum, share) => sum + share, 0);
    const all = habits.unpaidShare + paid * left;
    if (all <= 0) continue;
    const target = week < 0 ? late : low;
    for (let at = Math.max(0, week); at < weeks; at += 1) {
      target[at] = (target[at] ?? 0) + (owedMinor * paid * (shares[at - week] ?? 0)) / all;
    }
  }
  return low.map((minor, at) => {
    const lowMinor = Math.round(minor);
    return { lowMinor, expectedMinor: lowMinor + Math.round(late[at] ?? 0) };
  });
}

/** Who has no past is taken to be paid when due. */
function sharesOf({ payments, byDelay }: Habits): readonly number[] {
  return payments === 0 ? [1] : byDelay.map((count) => count / payments);
}

/** The part of the payments that came at most so many weeks late; 1 where there were none. */
export function shareWithin({ payments, byDelay }: Habits, weeksLate: number): number {
  if (payments === 0) return 1;
  return byDelay.slice(0, weeksLate + 1).reduce((sum, count) => sum + count, 0) / payments;
}

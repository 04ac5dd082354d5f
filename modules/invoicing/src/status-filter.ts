import { Problem } from '@plinth/core';

import type { Day } from './day.ts';

const prefix = 'status:in:';
const owed = ['issued', 'partly-paid'];

/**
 * Filters know two words that no row holds: *open* is issued or partly paid, *overdue* is those of them that
 * are past due today.
 *
 * @throws {Problem} `list.bad_filter` for `overdue` beside a status that it does not lie within.
 */
export function expandStatus<query extends { readonly f?: readonly string[] | undefined }>(
  query: query,
  today: Day,
): query & { readonly today: Day } {
  const f = query.f?.flatMap((given) =>
    given.startsWith(prefix) ? expand(given.slice(prefix.length).split(','), today) : [given],
  );
  return { ...query, f, today };
}

function expand(values: readonly string[], today: Day): string[] {
  const stored = new Set(values.filter((value) => value !== 'overdue' && value !== 'open'));
  if (values.includes('open')) for (const status of owed) stored.add(status);
  if (!values.includes('overdue') || owed.every((status) => stored.has(status))) {
    return [clause(stored)];
  }
  if (stored.size === 0) return [clause(owed), 'openMinor:gte:1', `dueDate:before:${today}`];
  throw new Problem('Overdue stands alone in a filter of the status, or beside open.', {
    code: 'list.bad_filter',
    kind: 'invalid',
    context: { field: 'status' },
  });
}

function clause(statuses: Iterable<string>): string {
  return prefix + [...statuses].join(',');
}

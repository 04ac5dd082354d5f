import { Problem } from '@plinth/core';

import type { Reader } from '../database.ts';
import type { Page, Total } from '../listing.ts';
import { anchorsUpTo, endKeys } from './anchor-statements.ts';
import { findAnchors, type FoundAnchors } from './anchors.ts';
import { resolveScope, type Ask, type ListNeeds, type Size } from './ask.ts';
import { guessKey, guessRatio, type Ends } from './guess.ts';
import type { Place } from './keyset.ts';
import { sqlTypes } from './operators.ts';
import { asOfNow, formPage } from './page-form.ts';
import {
  placeOf,
  placeOfId,
  rankWindow,
  stepsBetween,
  windowOf,
  type KeyedRow,
  type Scope,
  type Start,
} from './statements.ts';

/** The window that begins with the row of a rank; one beyond the end gets the last window. */
export async function pageAtRank(
  needs: ListNeeds,
  ask: Ask,
  { rank, limit }: { rank: number; limit: number },
): Promise<Page<KeyedRow>> {
  const anchors = await findAnchors(needs, ask);
  if ('size' in anchors) return pageAtGuess(needs, ask, { rank, limit, size: anchors.size });
  const { total, step } = anchors;
  const n = rank < total ? rank : Math.max(total - limit, 0);
  const skip = n - Math.min(Math.floor(n / step), Math.max(anchors.places.length - 1, 0)) * step;
  const start = startAt(anchors, n);
  const { rows, isLast } = await needs.database.read(ask.context, async (reader) => {
    const scope = await resolveScope(reader, ask);
    const { statement, params } = rankWindow(scope, start, { limit: limit + 1, skip });
    const found = await reader.many(statement, params);
    if (found.length > 0 || n === 0) return { rows: found, isLast: false };
    return { rows: (await lastRows(reader, scope, limit)).toReversed(), isLast: true };
  });
  const hasNext = rows.length > limit;
  const { isFresh, asOf } = anchors;
  const found = { n: isLast ? Math.max(total - rows.length, 0) : n, exact: isFresh && !isLast };
  return formPage(needs, ask, {
    rows: rows.slice(0, limit),
    hasPrev: found.n > 0 || isLast,
    hasNext,
    rank: found,
    total: { n: total, exact: !isLast, asOf },
  });
}

/** The list has become shorter than its anchors say. */
async function lastRows(reader: Reader, scope: Scope, limit: number): Promise<KeyedRow[]> {
  const { statement, params } = windowOf(scope, undefined, limit, true);
  return reader.many(statement, params);
}

function startAt({ places, step }: FoundAnchors, n: number): Start | undefined {
  const place = places[Math.min(Math.floor(n / step), places.length - 1)];
  return place === undefined ? undefined : { place, side: 'from' };
}

/**
 * Where there are no anchors yet: between the first value and the last, as if rows were evenly spread.
 *
 * @throws {Problem} `list.anchors_building` where the leading key is no date and no number.
 */
async function pageAtGuess(
  needs: ListNeeds,
  ask: Ask,
  { rank, limit, size }: { rank: number; limit: number; size: Size },
): Promise<Page<KeyedRow>> {
  const [key] = ask.sort.keys;
  const rows = await needs.database.read(ask.context, async (reader) => {
    const scope = await resolveScope(reader, ask);
    const ends = await readEnds(reader, scope);
    const value = ends && guessKey(key, ends, Math.min(rank / size.n, 1));
    if (value === undefined) throw anchorsBuilding();
    const from: Scope = {
      ...scope,
      conditions: [
        ...scope.conditions,
        (bind) =>
          `${key.column} ${key.descending ? '<=' : '>='} ${bind(sqlTypes[key.type], value)}`,
      ],
    };
    const { statement, params } = windowOf(from, undefined, limit + 1);
    return reader.many(statement, params);
  });
  return formPage(needs, ask, {
    rows: rows.slice(0, limit),
    hasPrev: true,
    hasNext: rows.length > limit,
    rank: { n: rank, exact: false },
    total: { ...size, asOf: asOfNow(needs) },
  });
}

async function readEnds(reader: Reader, scope: Scope): Promise<Ends | undefined> {
  const [first, last] = await Promise.all(
    [endKeys(scope, false), endKeys(scope, true)].map(({ statement, params }) =>
      reader.maybe(statement, params),
    ),
  );
  if (first === undefined || last === undefined) return undefined;
  return { first: String(first['$0']), last: String(last['$0']) };
}

/**
 * The window with a row in its middle.
 *
 * @throws {Problem} `list.row_not_found` when the filter does not keep the row, or there is none.
 */
export async function pageAround(
  needs: ListNeeds,
  ask: Ask,
  { id, limit }: { id: string; limit: number },
): Promise<Page<KeyedRow>> {
  const anchors = await findAnchors(needs, ask);
  const half = Math.floor(limit / 2);
  const found = await needs.database.read(ask.context, async (reader) => {
    const scope = await resolveScope(reader, ask);
    const own = placeOfId(scope, id);
    const row = await reader.maybe(own.statement, own.params);
    if (row === undefined) throw rowNotFound();
    const place = placeOf(scope.sort, row);
    const before = windowOf(scope, { place, side: 'before' }, half + 1, true);
    const from = windowOf(scope, { place, side: 'from' }, limit - half + 1);
    const [above, below, rank] = await Promise.all([
      reader.many(before.statement, before.params),
      reader.many(from.statement, from.params),
      rankOf(reader, scope, { id, place, anchors }),
    ]);
    return { above, below, rank };
  });
  const above = found.above.slice(0, half).toReversed();
  const hasPrev = found.above.length > half;
  const n = Math.max(found.rank.n - above.length, 0);
  return formPage(needs, ask, {
    rows: [...above, ...found.below.slice(0, limit - half)],
    hasPrev,
    hasNext: found.below.length > limit - half,
    rank: hasPrev ? { n, exact: found.rank.exact } : { n: 0, exact: true },
    total: totalOf(needs, anchors),
  });
}

interface Target {
  readonly id: string;
  readonly place: Place;
  readonly anchors: FoundAnchors | { readonly size: Size };
}

/** The rank of a row: that of the anchor before it, and the steps from there. */
async function rankOf(reader: Reader, scope: Scope, { id, place, anchors }: Target) {
  if ('size' in anchors) {
    const ends = await readEnds(reader, scope);
    const ratio = ends && guessRatio(scope.sort.keys[0], ends, place[0] ?? '');
    return { n: Math.round((ratio ?? 0) * anchors.size.n), exact: false };
  }
  const { places, step, isFresh } = anchors;
  const upTo = anchorsUpTo(scope, id, places);
  const index = Math.max((await reader.one(upTo.statement, upTo.params)).n - 1, 0);
  const anchor = places[index];
  const start = anchor && ({ place: anchor, side: 'from' } as const);
  const steps = stepsBetween(scope, start, place, step * 2);
  const { n } = await reader.one(steps.statement, steps.params);
  return { n: index * step + n, exact: isFresh };
}

function totalOf(needs: ListNeeds, anchors: Target['anchors']): Total {
  if ('size' in anchors) return { ...anchors.size, asOf: asOfNow(needs) };
  return { n: anchors.total, exact: true, asOf: anchors.asOf };
}

function anchorsBuilding(): Problem {
  return new Problem('The list is being measured: ask again in a second.', {
    code: 'list.anchors_building',
    kind: 'unavailable',
    retryAfterMs: 1_000,
  });
}

function rowNotFound(): Problem {
  return new Problem('The row is not in the list with this filter.', {
    code: 'list.row_not_found',
    kind: 'notFound',
  });
}

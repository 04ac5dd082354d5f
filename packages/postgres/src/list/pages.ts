import { Problem } from '@plinth/core';

import type { Reader } from '../database.ts';
import type { Page, PageQuery, Total } from '../listing.ts';
import { peekAnchors } from './anchors.ts';
import { checkSortable, resolveScope, sizeOf, type Ask, type ListNeeds } from './ask.ts';
import { badCursor, openCursor, type Cursor } from './cursor.ts';
import type { Place } from './keyset.ts';
import { asOfNow, cursorScope, formPage, ringOf, type Window } from './page-form.ts';
import { pageAround, pageAtRank } from './random-access.ts';
import { placeOf, placeOfId, windowOf, type KeyedRow, type Scope } from './statements.ts';

const rowsDefault = 100;
const rowsMax = 200;

/**
 * One window of a list, as `R?f&sort&limit` with one of `after`, `before`, `rank`, `around` asks for it.
 *
 * @throws {Problem} `list.bad_filter`, `list.bad_sort`, `list.bad_page`, `http.bad_cursor`,
 * `list.narrow_search`, `list.sort_needs_filter`, `list.row_not_found`, `list.anchors_building`.
 */
export async function readPage(
  needs: ListNeeds,
  ask: Ask,
  query: PageQuery,
): Promise<Page<KeyedRow>> {
  const limit = readLimit(query);
  const { after, before, rank, around } = query;
  if (rank !== undefined && rank > 0) return pageAtRank(needs, ask, { rank, limit });
  if (around !== undefined) return pageAround(needs, ask, { id: around, limit });
  const token = after ?? before;
  if (token === undefined) return firstPage(needs, ask, limit);
  const cursor = openCursor(ringOf(needs), cursorScope(ask), token);
  return after === undefined
    ? pageBefore(needs, ask, { cursor, limit })
    : pageAfter(needs, ask, { cursor, limit });
}

function readLimit({ limit = rowsDefault, after, before, rank, around }: PageQuery): number {
  const starts = [after, before, rank, around].filter((start) => start !== undefined);
  const fits = Number.isInteger(limit) && limit >= 1 && limit <= rowsMax;
  const isRank = rank === undefined || (Number.isInteger(rank) && rank >= 0);
  if (fits && isRank && starts.length <= 1) return limit;
  const message = fits
    ? 'A page begins at one of after, before, rank and around.'
    : `A page has 1 to ${rowsMax} rows.`;
  throw new Problem(message, { code: 'list.bad_page', kind: 'invalid' });
}

async function firstPage(needs: ListNeeds, ask: Ask, limit: number): Promise<Page<KeyedRow>> {
  const asOf = asOfNow(needs);
  const { rows, size } = await needs.database.read(ask.context, async (reader) => {
    const scope = await resolveScope(reader, ask);
    const { statement, params } = windowOf(scope, undefined, limit + 1);
    const readRows = () => reader.many(statement, params);
    if (ask.sort.cost === 'index') {
      const [both, found] = await Promise.all([readRows(), sizeOf(needs, reader, scope)]);
      return { rows: both, size: found };
    }
    const found = await sizeOf(needs, reader, scope);
    checkSortable(needs, ask, found);
    return { rows: await readRows(), size: found };
  });
  const hasNext = rows.length > limit;
  const total: Total = hasNext
    ? bestTotal(needs, ask, { ...size, asOf })
    : { n: rows.length, exact: true, asOf };
  return formPage(needs, ask, {
    rows: rows.slice(0, limit),
    hasPrev: false,
    hasNext,
    rank: { n: 0, exact: true },
    total,
  });
}

/** What anchors have counted is better than what the planner thinks. */
function bestTotal(needs: ListNeeds, ask: Ask, total: Total): Total {
  const anchors = total.exact ? undefined : peekAnchors(needs, ask);
  return anchors === undefined ? total : { n: anchors.total, exact: true, asOf: anchors.asOf };
}

interface Turn {
  readonly cursor: Cursor;
  readonly limit: number;
}

async function pageAfter(needs: ListNeeds, ask: Ask, turn: Turn): Promise<Page<KeyedRow>> {
  const { cursor, limit } = turn;
  const asOf = asOfNow(needs);
  const { rows, place } = await readFrom(needs, ask, turn, 'after');
  const kept = rows.slice(0, limit);
  const hasNext = rows.length > limit;
  const rank = { n: cursor.rank.n + 1, exact: cursor.rank.exact };
  const isEnd = !hasNext && rank.exact;
  const total = isEnd ? { n: rank.n + kept.length, exact: true, asOf } : cursor.total;
  const window: Window = { rows: kept, hasPrev: true, hasNext, rank, total, at: place };
  return formPage(needs, ask, window);
}

async function pageBefore(needs: ListNeeds, ask: Ask, turn: Turn): Promise<Page<KeyedRow>> {
  const { cursor, limit } = turn;
  const { rows, place } = await readFrom(needs, ask, turn, 'before');
  const kept = rows.slice(0, limit).toReversed();
  const hasPrev = rows.length > limit;
  const before = cursor.rank.n - kept.length;
  const rank = hasPrev
    ? { n: Math.max(before, 0), exact: cursor.rank.exact && before >= 0 }
    : { n: 0, exact: true };
  const window: Window = {
    rows: kept,
    hasPrev,
    hasNext: true,
    rank,
    total: cursor.total,
    at: place,
  };
  return formPage(needs, ask, window);
}

async function readFrom(needs: ListNeeds, ask: Ask, turn: Turn, side: 'after' | 'before') {
  return needs.database.read(ask.context, async (reader) => {
    const scope = await resolveScope(reader, ask);
    const place = await placeOfCursor(reader, scope, turn.cursor);
    const start = { place, side };
    const bound = windowOf(scope, start, turn.limit + 1, side === 'before');
    return { rows: await reader.many(bound.statement, bound.params), place };
  });
}

/** A cursor whose keys were too long for it knows the row's id alone, and is lost with the row. */
async function placeOfCursor(reader: Reader, scope: Scope, { place }: Cursor): Promise<Place> {
  if (!('id' in place)) return place;
  const { statement, params } = placeOfId({ ...scope, conditions: [] }, place.id);
  const row = await reader.maybe(statement, params);
  if (row === undefined) throw badCursor();
  return placeOf(scope.sort, row);
}

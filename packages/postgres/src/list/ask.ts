import { Problem, type Clock, type KeyRing } from '@plinth/core';

import { formatArray } from '../array-text.ts';
import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import type { Database, Reader } from '../database.ts';
import type { Listing, Summary, SummaryQuery } from '../listing.ts';
import { compose } from './bound.ts';
import { parseFilter, type Filter, type Search } from './filter.ts';
import type { Place } from './keyset.ts';
import type { Shelf } from './kept.ts';
import type { Condition } from './operators.ts';
import { indexedSorts, parseSort, type Sort } from './sort.ts';
import { countUpTo, estimateOf, type Scope } from './statements.ts';

/** Every `step`-th place of a list: how a rank far from the ends is reached without counting to it. */
export interface Anchors {
  readonly step: number;
  readonly places: readonly Place[];
  readonly total: number;
  /** RFC 3339 */
  readonly asOf: string;
}

export type Sums = NonNullable<Summary['sums']>;

export interface ListLimits {
  /** Up to here a list is counted in the request, 20,000. */
  readonly countedMax: number;
  /** Up to here a list is sorted without an index, and its anchors are made in the request, 2,000,000. */
  readonly sortedMax: number;
  /** So long a request waits for anchors, 2,000; then they go on behind it. */
  readonly anchorsMs: number;
}

/** What lists need of a database: `many` honours a statement's own timeout. */
export interface ListNeeds {
  readonly database: Pick<Database, 'read' | 'one' | 'maybe' | 'many'>;
  readonly keyRing: KeyRing | undefined;
  readonly clock: Clock;
  readonly anchors: Shelf<Anchors>;
  readonly sums: Shelf<Sums | null>;
  readonly limits: ListLimits;
}

/** A list that one tenant asks for, its filter and sort read. */
export interface Ask {
  readonly context: Context;
  readonly listing: Listing<unknown>;
  readonly filter: Filter;
  readonly sort: Sort;
}

/** Rows that a filter keeps. */
export interface Size {
  readonly n: number;
  readonly exact: boolean;
}

const foundMax = 10_000;

/** @throws {Problem} `list.bad_filter`, `list.bad_sort`. */
export function readAsk(context: Context, listing: Listing<unknown>, query: SummaryQuery): Ask {
  return {
    context,
    listing,
    filter: parseFilter(listing, query),
    sort: parseSort(listing, query.sort),
  };
}

/**
 * Turns searches into conditions: their functions give the ids, which row-level security then tests.
 *
 * @throws {Problem} `list.narrow_search` when one finds more than 10,000.
 */
export async function resolveScope(reader: Reader, ask: Ask): Promise<Scope> {
  const found = await Promise.all(ask.filter.searches.map((search) => find(reader, ask, search)));
  return {
    listing: ask.listing,
    conditions: [...ask.filter.conditions, ...found],
    sort: ask.sort,
    isSearched: found.length > 0,
  };
}

async function find(reader: Reader, ask: Ask, search: Search): Promise<Condition> {
  const { statement, params } = searchStatement(ask.listing.def.name, search);
  const rows = await reader.many(statement, params);
  if (rows.length > foundMax) {
    throw new Problem(`More than ${foundMax} rows hold that text: narrow the search.`, {
      code: 'list.narrow_search',
      kind: 'unprocessable',
      context: { field: search.field, foundMax },
    });
  }
  const ids = formatArray(rows.map(({ id }) => id));
  return (bind) => `${search.column} = any(${bind('uuid[]', ids)})`;
}

export function searchStatement(list: string, search: Search) {
  return compose(
    { id: t.uuid },
    (bind) => {
      const args = `${bind('text', search.pattern)}, ${bind('integer', String(foundMax + 1))}`;
      return `select plinth_found as id from ${search.function}(${args}) plinth_found`;
    },
    { name: `${list}.search` },
  );
}

/** Exact up to 20,000 rows; beyond, what the planner thinks. */
export async function sizeOf(
  { limits: { countedMax } }: ListNeeds,
  reader: Reader,
  scope: Scope,
): Promise<Size> {
  const estimate = estimateOf(scope);
  // A search has found 10,000 rows at most.
  const guess = scope.isSearched
    ? 0
    : readEstimate((await reader.one(estimate.statement, estimate.params))['QUERY PLAN']);
  if (guess > countedMax) return { n: guess, exact: false };
  const count = countUpTo(scope, countedMax * 2 + 1);
  const { n } = await reader.one(count.statement, count.params);
  return { n, exact: n <= countedMax * 2 };
}

function readEstimate(json: string): number {
  const [found] = [/"Plan Rows": (\d+)/u.exec(json)];
  return Number(found?.[1] ?? 0);
}

/**
 * @throws {Problem} `list.sort_needs_filter` naming the sorts that are free, for a sort without an
 * index over more than 2,000,000 rows.
 */
export function checkSortable({ limits }: ListNeeds, { listing, sort }: Ask, { n }: Size): void {
  if (sort.cost === 'index' || n <= limits.sortedMax) return;
  throw new Problem(`Too many rows to be sorted by ${sort.keys[0].field}: filter them first.`, {
    code: 'list.sort_needs_filter',
    kind: 'unprocessable',
    context: { field: sort.keys[0].field, indexed: indexedSorts(listing.def) },
  });
}

/** A context for work that outlives the request which began it. */
export function detached({ tenant, position, actor }: Context): Context {
  const { signal } = new AbortController();
  return { tenant, position, signal, ...(actor === undefined ? {} : { actor }) };
}

/** Waits for work that several share, no longer than this caller wants. */
export async function whileWanted<value>(
  signal: AbortSignal,
  work: Promise<value>,
): Promise<value> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Tenant and list first: whoever invalidates them finds all that is kept of them. */
export function keyOf({ context, listing, filter }: Ask): string {
  return `${context.tenant}:${listing.def.name}:${filter.text}`;
}

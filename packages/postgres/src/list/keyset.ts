import type { Bind } from './bound.ts';
import { sqlTypes } from './operators.ts';
import type { Sort, SortKey } from './sort.ts';

/** A place in a list: the sort keys of a row, as the server writes them, in the order of the sort. */
export type Place = readonly string[];
/** Which rows of a place's two sides; `from` and `upTo` hold the place itself. */
export type Side = 'after' | 'from' | 'before' | 'upTo';

const isBackward = (side: Side) => side === 'before' || side === 'upTo';
const isInclusive = (side: Side) => side === 'from' || side === 'upTo';

export function orderBy(keys: readonly SortKey[], alias: string, backward = false): string {
  return keys
    .map((key) => `${alias}.${key.name}${key.descending === backward ? '' : ' desc'}`)
    .join(', ');
}

export function bindPlace(keys: readonly SortKey[], place: Place, bind: Bind): string[] {
  return keys.map((key, index) => bind(sqlTypes[key.type], place[index] ?? ''));
}

/** What a reader of rows in the list's order, or against it, wants. */
export interface WindowAsk {
  readonly sort: Sort;
  readonly from: string;
  readonly alias: string;
  readonly where: string;
  /** Columns of the result: `i.*`, or the id alone where only an index shall be read. */
  readonly columns: string;
  /** SQL of the place's values, and the side; absent: the list's begin, or its end. */
  readonly at?: { readonly values: readonly string[]; readonly side: Side };
  readonly backward: boolean;
  readonly limit: string;
  /** Skipped index entries. */
  readonly skip?: string;
}

/**
 * Rows in the order of the sort, from a place on. One direction for all keys is a row comparison;
 * mixed directions are one seekable branch per key: a condition with OR would read all rows before
 * the place.
 */
export function windowSql(ask: WindowAsk): string {
  const { sort, alias, at, backward, skip } = ask;
  const order = orderBy(sort.keys, alias, backward);
  const tail = `limit ${ask.limit}${skip === undefined ? '' : ` offset ${skip}`}`;
  const select = `select ${ask.columns} from ${ask.from} where ${ask.where}`;
  if (at === undefined) return `${select} order by ${order} ${tail}`;
  if (sort.uniform) return `${select} and ${rowComparison(sort, at)} order by ${order} ${tail}`;
  const each = skip === undefined ? ask.limit : `${ask.limit} + ${skip}`;
  const branches = branchConditions(sort.keys, at).map(
    (condition) => `(${select} and ${condition} order by ${order} limit ${each})`,
  );
  return `select * from (${branches.join(' union all ')}) ${alias} order by ${order} ${tail}`;
}

type At = NonNullable<WindowAsk['at']>;

export function rowComparison({ keys }: Sort, { values, side }: At): string {
  const up = keys[0].descending === isBackward(side);
  const sign = `${up ? '>' : '<'}${isInclusive(side) ? '=' : ''}`;
  const columns = keys.map((key) => key.column);
  if (columns.length === 1) return `${columns.join()} ${sign} ${values.join()}`;
  return `(${columns.join(', ')}) ${sign} (${values.join(', ')})`;
}

/** One condition for each key that may differ first; together they are all rows of that side, once each. */
function branchConditions(keys: readonly SortKey[], { values, side }: At): string[] {
  const equal = keys.map((key, index) => `${key.column} = ${values[index] ?? ''}`);
  const branches = keys.map((key, index) => {
    const sign = key.descending === isBackward(side) ? '>' : '<';
    const differs = `${key.column} ${sign} ${values[index] ?? ''}`;
    return [...equal.slice(0, index), differs].join(' and ');
  });
  return isInclusive(side) ? [...branches, equal.join(' and ')] : branches;
}

/** The same as a condition on rows that were already found: it does not seek. */
export function sideCondition(sort: Sort, at: At): string {
  if (sort.uniform) return rowComparison(sort, at);
  return `(${branchConditions(sort.keys, at)
    .map((condition) => `(${condition})`)
    .join(' or ')})`;
}

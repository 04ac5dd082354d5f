import { formatArray } from '../array-text.ts';
import type { Listing } from '../listing.ts';
import type { AnyStatement } from '../statement-facts.ts';
import { anchorsOf, anchorsUpTo } from './anchor-statements.ts';
import { searchStatement } from './ask.ts';
import { parseFilter } from './filter.ts';
import { parseSort, type Sort } from './sort.ts';
import {
  countUpTo,
  keysOf,
  placeOfId,
  rankWindow,
  rowsOfIds,
  stepsBetween,
  sumsOf,
  windowOf,
  type Scope,
  type Start,
} from './statements.ts';
import type { ListField } from '../listing.ts';

export interface Variant {
  /** What of the list it is: `sort -issueDate`, `filter status:in`. */
  readonly name: string;
  readonly statement: AnyStatement;
}

const id = '019a0000-0000-7000-8000-000000000001';
const today = '2026-01-01';

const clausesOf: Readonly<Record<ListField['type'], readonly string[]>> = {
  text: ['eq:a', 'ne:a', 'starts:a', 'empty:true'],
  number: ['eq:1', 'gte:1', 'lte:1', 'between:1,2', 'empty:true'],
  money: ['eq:1', 'between:1,2', 'empty:true'],
  date: ['on:today', 'before:today', 'after:today', 'between:today,today', 'last:1m'],
  instant: ['on:today', 'before:today', 'after:today', 'between:today,today', 'last:1m'],
  enum: [],
  ref: [`in:${id}`, `in:${id},${id}`],
  bool: ['is:true'],
};

/** Each kind of statement that a list is composed into: every sort both ways and mixed, every operator. */
export function* variantsOf(listing: Listing<unknown>): Iterable<Variant> {
  const { def } = listing;
  const sortable = Object.keys(def.fields).filter((name) => def.fields[name]?.sort !== undefined);
  const sorts = ['id', ...sortable, ...sortable.map((name) => `-${name}`)];
  const mixed = sortable.slice(0, 2).map((name, index) => (index === 0 ? name : `-${name}`));
  for (const text of mixed.length === 2 ? [...sorts, mixed.join()] : sorts) {
    yield* ofSort({ listing, conditions: [], sort: parseSort(listing, text) }, `sort ${text}`);
  }
  const scope: Scope = { listing, conditions: [], sort: parseSort(listing, undefined) };
  for (const clause of filters(listing)) {
    const { conditions } = parseFilter(listing, { f: [clause], today });
    yield { name: `filter ${clause}`, ...windowOf({ ...scope, conditions }, undefined, 1) };
  }
  yield { name: 'rows', ...rowsOfIds(scope, formatArray([id])) };
  yield { name: 'count', ...countUpTo(scope, 1) };
  for (const [name, { sum }] of Object.entries(def.fields)) {
    if (sum !== undefined) yield { name: `sum ${name}`, ...sumsOf(scope, sum, [name]) };
  }
  const searches = [def.q, ...Object.values(def.fields).map(({ search }) => search)];
  for (const search of searches.filter((one) => one !== undefined)) {
    const asked = { function: search.function, column: search.on ?? def.id, pattern: 'abc' };
    const bound = searchStatement(def.name, { ...asked, field: 'q' });
    yield { name: `search ${search.function}`, ...bound };
  }
}

function* ofSort(scope: Scope, name: string): Iterable<Variant> {
  const place = placeholder(scope.sort);
  const after: Start = { place, side: 'after' };
  const from: Start = { place, side: 'from' };
  yield { name, ...windowOf(scope, undefined, 1) };
  yield { name: `${name} after`, ...windowOf(scope, after, 1) };
  yield { name: `${name} before`, ...windowOf(scope, { place, side: 'before' }, 1, true) };
  yield { name: `${name} rank`, ...rankWindow(scope, from, { limit: 1, skip: 1 }) };
  yield { name: `${name} keys`, ...keysOf(scope, after, 1) };
  yield { name: `${name} anchors`, ...anchorsOf(scope, 100, 1) };
  yield { name: `${name} anchor`, ...anchorsUpTo(scope, id, [place]) };
  yield { name: `${name} steps`, ...stepsBetween(scope, from, place, 1) };
  yield { name: `${name} place`, ...placeOfId(scope, id) };
}

const samples: Readonly<Record<ListField['type'], string>> = {
  text: 'a',
  number: '1',
  money: '1',
  date: today,
  instant: `${today} 00:00:00+00`,
  enum: 'a',
  ref: id,
  bool: 'true',
};

function placeholder({ keys }: Sort): string[] {
  return keys.map(({ type }) => samples[type]);
}

function filters({ def }: Listing<unknown>): string[] {
  return Object.entries(def.fields).flatMap(([name, field]) => {
    if (field.filter !== true) return [];
    const [value = 'a', other = 'a'] = field.values ?? [];
    const choices = [`in:${value}`, `notIn:${value},${other}`];
    const clauses = field.type === 'enum' ? choices : clausesOf[field.type];
    return clauses.map((clause) => `${name}:${clause}`);
  });
}

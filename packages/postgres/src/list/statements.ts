import type { Codecs } from '../codec.ts';
import { t } from '../codecs.ts';
import type { ListDef, Listing } from '../listing.ts';
import { compose, rawCodec, type Bind, type Bound } from './bound.ts';
import { aliasOf } from './declare-list.ts';
import { bindPlace, orderBy, sideCondition, windowSql, type Place, type Side } from './keyset.ts';
import type { Condition } from './operators.ts';
import type { Sort } from './sort.ts';

/** A list with its filter and sort: all that its statements are composed of. */
export interface Scope {
  readonly listing: Listing<unknown>;
  readonly conditions: readonly Condition[];
  readonly sort: Sort;
  /** One of the conditions holds the ids that a search has found. */
  readonly isSearched?: boolean;
}

/** A row of a page with its sort keys: `$0`, `$1`, … */
export type KeyedRow = Record<string, unknown>;

export interface Start {
  readonly place: Place;
  readonly side: Side;
}

const text = rawCodec('text');
const sumsTimeoutMs = 2_000;
const currenciesMax = 1_000;

/** What each statement of a scope is made of; its parameters are bound once. */
export interface Parts {
  readonly def: ListDef<Codecs>;
  readonly sort: Sort;
  readonly from: string;
  readonly alias: string;
  readonly where: string;
}

export function partsOf({ listing, conditions, sort }: Scope, bind: Bind): Parts {
  const { def } = listing;
  const all = def.where === undefined ? [] : [`(${def.where.fragment})`];
  for (const condition of conditions) all.push(condition(bind));
  const where = all.length === 0 ? 'true' : all.join(' and ');
  return { def, sort, from: def.from, alias: aliasOf(def), where };
}

export function keyColumns(sort: Sort, alias: string): string {
  return sort.keys.map((key, index) => `${alias}.${key.name}::text as "$${index}"`).join(', ');
}

export function keyCodecs(sort: Sort): Codecs {
  return Object.fromEntries(sort.keys.map((_, index) => [`$${index}`, text]));
}

export function placeOf(sort: Sort, row: KeyedRow): Place {
  return sort.keys.map((_, index) => String(row[`$${index}`]));
}

/** The rows of one window in the order of reading (backward: the nearest first), each with its keys. */
export function windowOf(
  scope: Scope,
  start: Start | undefined,
  limit: number,
  backward = false,
): Bound<KeyedRow> {
  return compose(
    rowCodecs(scope),
    (bind) => {
      const { def, sort, from, alias, where } = partsOf(scope, bind);
      const at = start && { values: bindPlace(sort.keys, start.place, bind), side: start.side };
      const inner = windowSql({
        sort,
        from,
        alias,
        where,
        backward,
        ...(at === undefined ? {} : { at }),
        columns: `${alias}.*`,
        limit: bind('bigint', String(limit)),
      });
      const order = orderBy(sort.keys, alias, backward);
      return `select ${def.select.fragment}, ${keyColumns(sort, alias)} from (${inner}) ${alias}${joinOf(scope)} order by ${order}`;
    },
    named(scope, 'page'),
  );
}

/** Skips inside the index, and joins the rows by id: as many rows of the table are read as are returned. */
export function rankWindow(
  scope: Scope,
  start: Start | undefined,
  { limit, skip }: { limit: number; skip: number },
): Bound<KeyedRow> {
  return compose(
    rowCodecs(scope),
    (bind) => {
      const { def, sort, from, alias, where } = partsOf(scope, bind);
      const at = start && { values: bindPlace(sort.keys, start.place, bind), side: start.side };
      const keys = sort.keys.map((key) => key.column).join(', ');
      const inner = windowSql({
        sort,
        from,
        alias,
        where,
        backward: false,
        ...(at === undefined ? {} : { at }),
        columns: keys,
        limit: bind('bigint', String(limit)),
        skip: bind('bigint', String(skip)),
      });
      const id = def.id.slice(alias.length + 1);
      return `select ${def.select.fragment}, ${keyColumns(sort, alias)} from (${inner}) plinth_keys join ${from} on ${def.id} = plinth_keys.${id}${joinOf(scope)} order by ${orderBy(sort.keys, 'plinth_keys')}`;
    },
    named(scope, 'rank'),
  );
}

function rowCodecs(scope: Scope): Codecs {
  return { ...scope.listing.def.row, ...keyCodecs(scope.sort) };
}

/** One name for all filters of a list. Filters make so many texts that theirs are not prepared. */
export function named({ listing, conditions }: Scope, what: string) {
  return { name: `${listing.def.name}.${what}`, prepared: conditions.length === 0 };
}

function joinOf({ listing }: Scope): string {
  return listing.def.join === undefined ? '' : ` ${listing.def.join.fragment}`;
}

/** The rows of these ids that the filter keeps, in no order. */
export function rowsOfIds(scope: Scope, ids: string): Bound<KeyedRow> {
  return compose(
    { ...scope.listing.def.row, $0: text },
    (bind) => {
      const { def, from, alias, where } = partsOf(scope, bind);
      const inner = `select ${alias}.* from ${from} where ${where} and ${def.id} = any(${bind('uuid[]', ids)})`;
      return `select ${def.select.fragment}, ${def.id}::text as "$0" from (${inner}) ${alias}${joinOf(scope)}`;
    },
    named(scope, 'rows'),
  );
}

export function placeOfId(scope: Scope, id: string): Bound<KeyedRow> {
  return compose(
    keyCodecs(scope.sort),
    (bind) => {
      const { def, sort, from, alias, where } = partsOf(scope, bind);
      return `select ${keyColumns(sort, alias)} from ${from} where ${where} and ${def.id} = ${bind('uuid', id)}`;
    },
    named(scope, 'place'),
  );
}

/** The keys of the rows, and no more: how a job walks a selection. */
export function keysOf(scope: Scope, start: Start | undefined, limit: number): Bound<KeyedRow> {
  return compose(
    keyCodecs(scope.sort),
    (bind) => {
      const { sort, from, alias, where } = partsOf(scope, bind);
      const at = start && { values: bindPlace(sort.keys, start.place, bind), side: start.side };
      const inner = windowSql({
        sort,
        from,
        alias,
        where,
        backward: false,
        ...(at === undefined ? {} : { at }),
        columns: sort.keys.map((key) => key.column).join(', '),
        limit: bind('bigint', String(limit)),
      });
      return `select ${keyColumns(sort, alias)} from (${inner}) ${alias} order by ${orderBy(sort.keys, alias)}`;
    },
    named(scope, 'keys'),
  );
}

/** How many of the rows from the anchor on lie before the place; an anchor's step away at most. */
export function stepsBetween(
  scope: Scope,
  start: Start | undefined,
  place: Place,
  atMost: number,
): Bound<{ n: number }> {
  return compose(
    { n: t.int8n },
    (bind) => {
      const { sort, from, alias, where } = partsOf(scope, bind);
      const at = start && { values: bindPlace(sort.keys, start.place, bind), side: start.side };
      const inner = windowSql({
        sort,
        from,
        alias,
        where,
        backward: false,
        ...(at === undefined ? {} : { at }),
        columns: sort.keys.map((key) => key.column).join(', '),
        limit: bind('bigint', String(atMost)),
      });
      const values = bindPlace(sort.keys, place, bind);
      return `select count(*) as n from (${inner}) ${alias} where ${sideCondition(sort, { values, side: 'before' })}`;
    },
    named(scope, 'steps'),
  );
}

/** The planner's estimate of the rows that the filter keeps: 0.3 ms, whatever their number. */
export function estimateOf(scope: Scope): Bound<{ 'QUERY PLAN': string }> {
  return compose(
    { 'QUERY PLAN': rawCodec('json') },
    (bind) => {
      const { from, where } = partsOf(scope, bind);
      return `explain (format json) select from ${from} where ${where}`;
    },
    named(scope, 'estimate'),
  );
}

export function countUpTo(scope: Scope, atMost: number): Bound<{ n: number }> {
  return compose(
    { n: t.int8n },
    (bind) => {
      const { from, where } = partsOf(scope, bind);
      return `select count(*) as n from (select from ${from} where ${where} limit ${bind('bigint', String(atMost))}) counted`;
    },
    named(scope, 'count'),
  );
}

/** Sums of fields by their currency. */
export function sumsOf(
  scope: Scope,
  currency: string,
  fields: readonly string[],
): Bound<Record<string, string | null>> {
  const row = { currency: t.nullable(text), n: text };
  const sums = fields.map((name): [string, typeof row.currency] => [
    `sum ${name}`,
    t.nullable(text),
  ]);
  return compose(
    { ...row, ...Object.fromEntries(sums) },
    (bind) => {
      const { def, from, where } = partsOf(scope, bind);
      const columns = fields.map((name) => {
        const { sql = '' } = def.fields[name] ?? {};
        return `sum(${typeof sql === 'string' ? sql : sql.fragment})::text as "sum ${name}"`;
      });
      return `select ${currency} as currency, count(*)::text as n, ${columns.join(', ')} from ${from} where ${where} group by ${currency} limit ${bind('bigint', String(currenciesMax))}`;
    },
    { ...named(scope, 'sums'), timeoutMs: sumsTimeoutMs, class: 'report' },
  );
}

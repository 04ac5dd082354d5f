import { formatArray } from '../array-text.ts';
import { t } from '../codecs.ts';
import { compose, type Bound } from './bound.ts';
import { orderBy, rowComparison, sideCondition, windowSql, type Place } from './keyset.ts';
import { sqlTypes } from './operators.ts';
import {
  keyCodecs,
  keyColumns,
  named,
  partsOf,
  type KeyedRow,
  type Parts,
  type Scope,
} from './statements.ts';

/** An anchor: its rank in steps, and its keys; the last one with the count of rows from itself on. */
export interface AnchorRow {
  readonly n: number;
  readonly tail: number | null;
  readonly [key: string]: unknown;
}

/**
 * Every `step`-th place of a list. Where one index gives the sort, one index-only pass: a recursive
 * query hops from anchor to anchor, three times faster than the row numbers of all other sorts.
 */
export function anchorsOf(scope: Scope, step: number, timeoutMs: number): Bound<AnchorRow> {
  return compose(
    { n: t.int8n, tail: t.nullable(t.int8n), ...keyCodecs(scope.sort) },
    (bind) => {
      const anchors = scope.sort.covered ? hops : numbers;
      const parts = partsOf(scope, bind);
      const { sort, from, where } = parts;
      const values = sort.keys.map((key) => `plinth_anchor.${key.name}`);
      const tail = `select count(*) from ${from} where ${where} and ${sideCondition(sort, { values, side: 'from' })}`;
      return `${anchors(parts, bind('bigint', String(step)))}
select plinth_n as n, ${keyColumns(sort, 'plinth_anchor')}, case when plinth_next is null then (${tail}) end as tail
from (select *, lead(plinth_n) over (order by plinth_n) as plinth_next from plinth_anchors) plinth_anchor order by plinth_n`;
    },
    { ...named(scope, 'anchors'), timeoutMs, class: 'report' },
  );
}

function hops({ sort, from, alias, where }: Parts, step: string): string {
  const names = sort.keys.map((key) => key.name);
  const columns = sort.keys.map((key) => key.column).join(', ');
  const order = orderBy(sort.keys, alias);
  const values = names.map((name) => `plinth_anchors.${name}`);
  const next = `select ${columns} from ${from} where ${where} and ${rowComparison(sort, { values, side: 'after' })} order by ${order} offset ${step} - 1 limit 1`;
  return `with recursive plinth_anchors(plinth_n, ${names.join(', ')}) as (
(select 0::bigint, ${columns} from ${from} where ${where} order by ${order} limit 1)
union all
select plinth_n + 1, ${names.map((name) => `plinth_hop.${name}`).join(', ')} from plinth_anchors, lateral (${next}) plinth_hop)`;
}

function numbers({ sort, from, alias, where }: Parts, step: string): string {
  const columns = sort.keys.map((key) => key.column).join(', ');
  const numbered = `select row_number() over (order by ${orderBy(sort.keys, alias)}) - 1 as plinth_row, ${columns} from ${from} where ${where}`;
  return `with plinth_anchors as (select plinth_row / ${step} as plinth_n, plinth_all.* from (${numbered}) plinth_all where plinth_row % ${step} = 0)`;
}

/** How many anchors lie at or before a row: the server compares, by the column's own collation. */
export function anchorsUpTo(
  scope: Scope,
  id: string,
  places: readonly Place[],
): Bound<{ n: number }> {
  return compose(
    { n: t.int8n },
    (bind) => {
      const { listing, sort } = scope;
      const columns = sort.keys.map((key, index) => {
        const keys = places.map((place) => place[index] ?? '');
        return bind(`${sqlTypes[key.type]}[]`, formatArray(keys));
      });
      const names = sort.keys.map((_, index) => `k${index}`);
      const values = names.map((name) => `plinth_anchor.${name}`);
      const anchors = `unnest(${columns.join(', ')}) plinth_anchor(${names.join(', ')})`;
      return `select count(*) as n from ${listing.def.from}, ${anchors} where ${listing.def.id} = ${bind('uuid', id)} and ${sideCondition(sort, { values, side: 'from' })}`;
    },
    named(scope, 'anchor'),
  );
}

/** The keys at one end of the list, for a rank that is guessed between both. */
export function endKeys(scope: Scope, backward: boolean): Bound<KeyedRow> {
  return compose(
    keyCodecs(scope.sort),
    (bind) => {
      const { sort, from, alias, where } = partsOf(scope, bind);
      const inner = windowSql({
        sort,
        from,
        alias,
        where,
        backward,
        columns: sort.keys.map((key) => key.column).join(', '),
        limit: bind('bigint', '1'),
      });
      return `select ${keyColumns(sort, alias)} from (${inner}) ${alias}`;
    },
    named(scope, 'end'),
  );
}

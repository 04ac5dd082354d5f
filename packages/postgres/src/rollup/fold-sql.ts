import { groupOf, type Grouping, type Rollup } from './rollup.ts';
import { sourceRows } from './trigger-sql.ts';

/** Whoever folds or rebuilds holds it to the end of its transaction. */
function lockOf({ name }: Rollup): string {
  return `hashtextextended('plinth.rollup ${name}', 0)`;
}

/** Adds the grouped rows of `d` to what is folded. @param sorted by their key: a whole table is then read in runs. */
function insertGroups(
  rollup: Rollup,
  [name, grouping]: readonly [string, Grouping],
  order: 'any' | 'sorted',
): string {
  const group = groupOf(grouping, rollup.columns);
  const names = ['tenant_id', ...group.map((one) => one.name)].join(', ');
  const made = ['tenant_id', ...group.map((one) => one.expression)].join(', ');
  const places = Array.from({ length: group.length + 1 }, (_, index) => index + 1).join(', ');
  return `insert into ${rollup.schema}.${name}_rollup as x (${names}, ${grouping.keep.join(', ')})
      select ${made}, ${grouping.keep.map((measure) => `sum(${measure})`).join(', ')}
      from d group by ${places} having ${grouping.keep.map((m) => `sum(${m}) <> 0`).join(' or ')}${order === 'sorted' ? `\n      order by ${places}` : ''}
      on conflict (${names}) do update set ${grouping.keep
        .map((measure) => `${measure} = x.${measure} + excluded.${measure}`)
        .join(', ')}`;
}

/**
 * Moves at most \`rows_max\` deltas into every grouping, in one statement. What has become nothing goes.
 * It returns how many it moved, -1 where another session folds or rebuilds.
 */
export function foldSql(rollup: Rollup): string {
  const groupings = Object.entries(rollup.groupings);
  const steps = groupings.map(
    ([name, grouping]) => `  ${name} as (
      ${insertGroups(rollup, [name, grouping], 'any')}
      returning x.ctid as place, ${grouping.keep.map((measure) => `x.${measure} = 0`).join(' and ')} as is_none)`,
  );
  const counts = groupings.map(
    ([name]) => `    (select array_agg(place) from ${name} where is_none)`,
  );
  const removals = groupings.map(
    ([name]) => `  if none_${name} is not null then
    delete from ${rollup.schema}.${name}_rollup where ctid = any (none_${name});
  end if;`,
  );
  return `create function ${rollup.schema}.fold_${rollup.base}(rows_max int) returns int language plpgsql as $$
declare
  moved int;
${groupings.map(([name]) => `  none_${name} tid[];`).join('\n')}
begin
  if not pg_try_advisory_xact_lock(${lockOf(rollup)}) then return -1; end if;
  with d as (
      delete from ${rollup.name}_delta
      where ctid = any (array(select ctid from ${rollup.name}_delta limit rows_max))
      returning *),
${steps.join(',\n')}
  select (select count(*) from d),
${counts.join(',\n')}
  into moved, ${groupings.map(([name]) => `none_${name}`).join(', ')};
${removals.join('\n')}
  return moved;
end $$;`;
}

/**
 * Counts anew, beside writers, as the owner: one statement sees the deltas that it removes and the rows that
 * they are in. In read committed, so that this statement's snapshot is behind the lock; a snapshot of the whole
 * transaction would be older than the last fold.
 */
export function rebuildSql(rollup: Rollup): string {
  const groupings = Object.entries(rollup.groupings);
  const steps = groupings.map((one) => insertGroups(rollup, one, 'sorted'));
  const last = steps.at(-1) ?? '';
  const before = groupings
    .slice(0, -1)
    .map(([name], index) => `  ${name} as (\n      ${steps[index] ?? ''})`);
  return `create function ${rollup.schema}.rebuild_${rollup.base}() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(${lockOf(rollup)});
${groupings.map(([name]) => `  delete from ${rollup.schema}.${name}_rollup;`).join('\n')}
  with gone as (delete from ${rollup.name}_delta),
  d as (${sourceRows(rollup, rollup.source)})${before.length > 0 ? ',' : ''}
${before.join(',\n')}
  ${last};
end $$;`;
}

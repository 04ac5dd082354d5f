import { measuresOf, type Parts, type Rollup } from './rollup.ts';
import { keyOf, of, partsSql, targets } from './row-sql.ts';

/**
 * A row is added at the end of its transaction, since its parts may be written behind it, and taken off at once,
 * while they are there. What was to be added at the end is added before something is taken off.
 */
export function partFunctionsSql(rollup: Rollup, parts: Parts): string {
  const { name, schema, base } = rollup;
  const { query, on } = partsSql(parts);
  const add = (row: 'old' | 'new', sign: '' | '-') => `  insert into ${name}_delta
      (${targets(rollup)})
    select ${keyOf(rollup, row)},
      ${measuresOf(rollup)
        .map(([, expression]) => `${sign}(${of(row, expression)})`)
        .join(',\n      ')}
    from (${query}) p where ${of(row, on)};`;
  const waiting = `${schema}.${base}_came, ${schema}.${base}_counted`;
  // A plan made anew for each row would take longer than the row.
  return `create function ${name}_came() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
${add('new', '')}
  return null;
end $$;

create function ${name}_left() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
  set constraints ${waiting} immediate;
  set constraints ${waiting} deferred;
${add('old', '-')}
  if tg_op = 'UPDATE' then
    if ${of('new', rollup.where ?? 'true')} then
    ${add('new', '')}
    end if;
  end if;
  return null;
end $$;`;
}

export function partTriggersSql(rollup: Rollup): string {
  const { source, name, base } = rollup;
  const where = rollup.where ?? 'true';
  const [old, next] = [of('old', where), of('new', where)];
  const ofParts = new Set(rollup.parts?.columns);
  const moved = ['tenant_id', ...Object.keys(rollup.columns)]
    .filter((column) => !ofParts.has(column))
    .map((column) => `old.${column} is distinct from new.${column}`);
  return `create constraint trigger ${base}_came after insert on ${source}
  deferrable initially deferred for each row when (${next}) execute function ${name}_came();
create constraint trigger ${base}_counted after update on ${source}
  deferrable initially deferred for each row when (not (${old}) and (${next})) execute function ${name}_came();
create trigger ${base}_left after delete on ${source} for each row
  when (${old}) execute function ${name}_left();
create trigger ${base}_changed after update on ${source} for each row
  when ((${old}) and (not (${next})
    or ${moved.join('\n      or ')}))
  execute function ${name}_left();`;
}

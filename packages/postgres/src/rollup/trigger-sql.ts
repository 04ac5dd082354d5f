import { partFunctionsSql, partTriggersSql } from './part-trigger-sql.ts';
import { measuresOf, type Rollup } from './rollup.ts';
import { keyOf, of, partsSql, targets } from './row-sql.ts';

/** What a row adds to the sums and counts: `select …` of the functions that fill them. */
export function sourceRows(rollup: Rollup, from: string, sign: '' | '-' = ''): string {
  const { parts } = rollup;
  const measures = measuresOf(rollup).map(
    ([name, expression]) => `${sign}(${expression}) as ${name}`,
  );
  const part = parts === undefined ? undefined : partsSql(parts);
  const joined = part === undefined ? '' : ` join (${part.query}) p on ${part.on}`;
  return `select ${keyOf(rollup, 'r')},
      ${measures.join(',\n      ')}
    from ${from} r${joined} where ${rollup.where ?? 'true'}`;
}

/**
 * Inserts and deletes by statement, with their transition tables; updates by row, so that `when` keeps those away
 * that change nothing here, and a change that stays in its group is one net row.
 */
export function triggerFunctionsSql(rollup: Rollup): string {
  const { parts } = rollup;
  const own = parts === undefined ? ofRows(rollup) : partFunctionsSql(rollup, parts);
  return `${own}

-- A truncate fires no trigger a row: what it took would stay in the sums for ever.
create function ${rollup.name}_truncated() returns trigger language plpgsql as $$
begin
  if current_setting('plinth.truncate_rollups', true) = 'on' then return null; end if;
  raise exception '${rollup.source} is rolled up: delete its rows instead' using errcode = '55000';
end $$;`;
}

function ofRows(rollup: Rollup): string {
  const { name } = rollup;
  const into = `insert into ${name}_delta
      (${targets(rollup)})`;
  const single = (row: 'old' | 'new', sign: '' | '-') =>
    `${into}
    values (${keyOf(rollup, row)},
      ${measuresOf(rollup)
        .map(([, expression]) => `${sign}(${of(row, expression)})`)
        .join(',\n      ')});`;
  const net = measuresOf(rollup).map(
    ([, expression]) => `(${of('new', expression)}) - (${of('old', expression)})`,
  );
  const where = rollup.where ?? 'true';
  return `create function ${name}_inserted() returns trigger language plpgsql as $$
begin
    ${into}
    ${sourceRows(rollup, 'inserted')};
  return null;
end $$;

create function ${name}_deleted() returns trigger language plpgsql as $$
begin
    ${into}
    ${sourceRows(rollup, 'deleted', '-')};
  return null;
end $$;

create function ${name}_updated() returns trigger language plpgsql as $$
begin
  if (${of('old', where)}) and (${of('new', where)})
    and (${keyOf(rollup, 'old')}) is not distinct from (${keyOf(rollup, 'new')})
  then
    ${into}
    values (${keyOf(rollup, 'new')},
      ${net.join(',\n      ')});
    return null;
  end if;
  if ${of('old', where)} then
    ${single('old', '-')}
  end if;
  if ${of('new', where)} then
    ${single('new', '')}
  end if;
  return null;
end $$;`;
}

/** Whoever writes at this moment is waited for: from here on each change has its delta. */
export function triggersSql(rollup: Rollup): string {
  const { source, name, base } = rollup;
  return `${rollup.parts === undefined ? rowTriggers(rollup) : partTriggersSql(rollup)}
create trigger ${base}_truncated before truncate on ${source}
  for each statement execute function ${name}_truncated();`;
}

function rowTriggers(rollup: Rollup): string {
  const { source, name, base } = rollup;
  const where = rollup.where ?? 'true';
  const columns = columnsIn(rollup).map((column) => `old.${column} is distinct from new.${column}`);
  return `create trigger ${base}_inserted after insert on ${source}
  referencing new table as inserted for each statement execute function ${name}_inserted();
create trigger ${base}_deleted after delete on ${source}
  referencing old table as deleted for each statement execute function ${name}_deleted();
create trigger ${base}_updated after update on ${source} for each row
  when (((${of('old', where)}) or (${of('new', where)}))
    and (${columns.join('\n      or ')}))
  execute function ${name}_updated();`;
}

/** The names of its triggers. */
export function triggersOf({ base, parts }: Rollup): string[] {
  const events =
    parts === undefined
      ? ['inserted', 'deleted', 'updated', 'truncated']
      : ['came', 'counted', 'left', 'changed', 'truncated'];
  return events.map((event) => `${base}_${event}`);
}

export function dropTriggersSql(rollup: Rollup): string {
  return triggersOf(rollup)
    .map((name) => `drop trigger if exists ${name} on ${rollup.source};`)
    .join('\n');
}

/** Every column that a group, a sum or the condition reads. */
function columnsIn(rollup: Rollup): string[] {
  const texts = [rollup.where ?? '', ...measuresOf(rollup).map(([, expression]) => expression)];
  const named = texts.flatMap((text) =>
    Array.from(text.matchAll(/\br\.([a-z_]+)/gu), ([, column = '']) => column),
  );
  return [...new Set(['tenant_id', ...Object.keys(rollup.columns), ...named])];
}

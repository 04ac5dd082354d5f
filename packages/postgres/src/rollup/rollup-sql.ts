import { foldSql, rebuildSql } from './fold-sql.ts';
import { groupOf, measuresOf, type Rollup } from './rollup.ts';
import { triggerFunctionsSql, triggersSql } from './trigger-sql.ts';

/**
 * The SQL of a rollup, for a migration of the source's module: a table of deltas, a table and a view a grouping,
 * triggers, and the functions that fold and rebuild. The migration behind it fills them: `select …rebuild_…()`.
 */
export function rollupSql(rollup: Rollup): string {
  return [
    deltaTable(rollup),
    ...Object.keys(rollup.groupings).flatMap((name) => [
      foldedTable(rollup, name),
      view(rollup, name),
    ]),
    triggerFunctionsSql(rollup),
    foldSql(rollup),
    rebuildSql(rollup),
    rights(rollup),
    ...rebuildPolicies(rollup),
    triggersSql(rollup),
  ].join('\n\n');
}

/** Appended to by each writer, emptied each second: it is vacuumed by its rows, not by its share of dead ones. */
function deltaTable(rollup: Rollup): string {
  const { name, columns } = rollup;
  const table = `${name}_delta`;
  return `create table ${table} (
  tenant_id uuid not null,
${Object.entries(columns)
  .map(([column, type]) => `  ${column} ${type},`)
  .join('\n')}
${measuresOf(rollup)
  .map(([measure]) => `  ${measure} bigint not null`)
  .join(',\n')}
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1);
create index ${rollup.base}_delta_tenant on ${table} (tenant_id);
${policies(table)}`;
}

function foldedTable(rollup: Rollup, name: string): string {
  const grouping = rollup.groupings[name];
  if (grouping === undefined) return '';
  const group = groupOf(grouping, rollup.columns);
  const table = `${rollup.schema}.${name}_rollup`;
  const key = ['tenant_id', ...group.map((one) => one.name)].join(', ');
  return `create table ${table} (
  tenant_id uuid not null,
${group.map((one) => `  ${one.name} ${one.type},`).join('\n')}
${grouping.keep.map((measure) => `  ${measure} bigint not null,`).join('\n')}
  constraint ${name}_key unique nulls not distinct (${key})
) with (fillfactor = 80);
${policies(table)}`;
}

/** The tenant's, and all tenants' for who folds and who rebuilds. */
function policies(table: string): string {
  return `alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy tenant on ${table}
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on ${table} to plinth_worker, plinth_owner using (true) with check (true);`;
}

/** What is folded and what is not, in one snapshot: always equal to the source. */
function view(rollup: Rollup, name: string): string {
  const grouping = rollup.groupings[name];
  if (grouping === undefined) return '';
  const group = groupOf(grouping, rollup.columns);
  const names = group.map((one) => one.name).join(', ');
  const made = group
    .map((one) => (one.expression === one.name ? one.name : `${one.expression} as ${one.name}`))
    .join(', ');
  const kept = grouping.keep.join(', ');
  const isSome = grouping.keep.map((measure) => `sum(${measure}) <> 0`).join(' or ');
  return `create view ${rollup.api}.${name} with (security_invoker = true) as
  select tenant_id, ${names},
    ${grouping.keep.map((measure) => `sum(${measure})::bigint as ${measure}`).join(', ')}
  from (
    select tenant_id, ${names}, ${kept} from ${rollup.schema}.${name}_rollup
    union all
    select tenant_id, ${made}, ${kept} from ${rollup.name}_delta) s
  group by tenant_id, ${names}
  having ${isSome};`;
}

function rights({ name, schema, base, api, groupings }: Rollup): string {
  const tables = Object.keys(groupings).map((one) => `${schema}.${one}_rollup`);
  const views = Object.keys(groupings).map((one) => `${api}.${one}`);
  const functions = [`${schema}.fold_${base}(int)`, `${schema}.rebuild_${base}()`];
  return `grant usage on schema ${schema} to plinth_worker;
grant select, insert on ${name}_delta to plinth_app;
grant select on ${tables.join(', ')} to plinth_app;
grant select on ${views.join(', ')} to plinth_app;
grant select, delete on ${name}_delta to plinth_worker;
grant select, insert, update, delete on ${tables.join(', ')} to plinth_worker;
revoke execute on function ${functions.join(', ')} from public;
grant execute on function ${schema}.fold_${base}(int) to plinth_worker;`;
}

/** Row security is forced for the owner too. Of parts: a migration each, since each locks its table. */
function rebuildPolicies({ base, source, parts }: Rollup): string[] {
  if (parts === undefined) {
    return [`create policy rebuild on ${source} for select to plinth_owner using (true);`];
  }
  return [source, parts.table].map(
    (table) => `create policy rebuild_${base} on ${table} for select to plinth_owner using (true);`,
  );
}

import type { Client } from 'pg';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly isNotNull: boolean;
}
export interface Table {
  readonly id: number;
  /** `invoicing.invoice` */
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly columns: ReadonlyMap<number, Column>;
  readonly isForced: boolean;
  readonly isInvoker: boolean;
  readonly policyCount: number;
}
interface Index {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
}
interface SqlFunction {
  readonly name: string;
  readonly owner: string;
  readonly args: string;
  readonly returns: string;
  readonly isDefiner: boolean;
  readonly hasSearchPath: boolean;
  readonly isPublic: boolean;
}

/** The schema of a migrated database: all that the check compares with. */
export interface Catalog {
  readonly types: ReadonlyMap<number, string>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly tablesById: ReadonlyMap<number, Table>;
  readonly indexes: readonly Index[];
  readonly functions: readonly SqlFunction[];
  /** Rights that the app's role must not have, in words. */
  readonly roleFaults: readonly string[];
}

const ours = `nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public')`;

export async function readCatalog(client: Client): Promise<Catalog> {
  const types = await client.query<{ id: number; name: string }>(
    'select oid::int8::float8 as id, format_type(oid, null) as name from pg_type',
  );
  const tables = await readTables(client);
  return {
    types: new Map(types.rows.map(({ id, name }) => [id, name])),
    tables: new Map(tables.map((table) => [table.name, table])),
    tablesById: new Map(tables.map((table) => [table.id, table])),
    indexes: await readIndexes(client),
    functions: await readFunctions(client),
    roleFaults: await readRoleFaults(client),
  };
}

async function readTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Omit<Table, 'columns'>>(`
    select c.oid::int8::float8 as id, nspname || '.' || relname as name,
      case when relkind in ('v', 'm') then 'view' else 'table' end as kind,
      relrowsecurity and relforcerowsecurity as "isForced",
      coalesce(reloptions @> '{security_invoker=true}', false) or coalesce(reloptions @> '{security_invoker=on}', false) as "isInvoker",
      (select count(*)::int from pg_policy where polrelid = c.oid) as "policyCount"
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm') and ${ours} order by 2`);
  const columns = await client.query<Column & { table: number; number: number }>(`
    select attrelid::int8::float8 as table, attnum as number, attname as name, format_type(atttypid, null) as type, attnotnull as "isNotNull"
    from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
    where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm') and ${ours}`);
  const byTable = Map.groupBy(columns.rows, ({ table }) => table);
  return rows.map((row) => ({
    ...row,
    columns: new Map((byTable.get(row.id) ?? []).map((column) => [column.number, column])),
  }));
}

async function readIndexes(client: Client): Promise<Index[]> {
  const { rows } = await client.query<Index>(`
    select i.relname as name, nspname || '.' || t.relname as table,
      array(select attname::text from unnest(indkey::int2[]) with ordinality k(number, place)
        join pg_attribute on attrelid = indrelid and attnum = number where place <= indnkeyatts order by place) as columns
    from pg_index join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
      join pg_namespace n on n.oid = t.relnamespace
    where indisvalid and ${ours}`);
  return rows;
}

async function readFunctions(client: Client): Promise<SqlFunction[]> {
  const { rows } = await client.query<SqlFunction>(`
    select nspname || '.' || proname as name, pg_get_userbyid(proowner) as owner,
      pg_get_function_identity_arguments(p.oid) as args, pg_get_function_result(p.oid) as returns,
      prosecdef as "isDefiner", exists (select from unnest(proconfig) c where c like 'search_path=%') as "hasSearchPath",
      exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0) as "isPublic"
    from pg_proc p join pg_namespace n on n.oid = pronamespace where ${ours} order by 1`);
  return rows;
}

async function readRoleFaults(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ fault: string }>(`
    select 'plinth_app has SUPERUSER or BYPASSRLS' as fault from pg_roles
      where rolname = 'plinth_app' and (rolsuper or rolbypassrls)
    union all select 'plinth_app owns ' || nspname || '.' || relname from pg_class join pg_namespace n on n.oid = relnamespace
      where pg_get_userbyid(relowner) = 'plinth_app' and ${ours}
    union all select 'plinth_app may create in schema ' || nspname from pg_namespace
      where has_schema_privilege('plinth_app', oid, 'create') and ${ours}`);
  return rows.map(({ fault }) => fault);
}

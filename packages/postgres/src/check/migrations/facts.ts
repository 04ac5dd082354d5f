import type { Client } from 'pg';

/** One thing that holds of a table that the version before writes: what it is about, and what it says. */
export interface Fact {
  /** `column`, `default`, `not null`, `constraint`, `unique`, `trigger`, `policy`, `grant` */
  readonly kind: string;
  readonly table: string;
  readonly text: string;
}

const ours = `n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public')
  and c.relkind in ('r', 'p') and not c.relispartition`;

/** All that binds who writes the tables of a database. Partitions follow their parents. */
export async function readFacts(client: Client): Promise<Fact[]> {
  const { rows } = await client.query<Fact>(`
    with own as (
      select c.oid, n.nspname || '.' || c.relname as name, c.relacl, c.relowner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours}),
    attributes as (
      select own.name as table, a.*, own.oid as owner_oid
      from own join pg_attribute a on a.attrelid = own.oid where a.attnum > 0 and not a.attisdropped)
    select 'column' as kind, a.table, attname || ' ' || format_type(atttypid, atttypmod) as text from attributes a
    union all
    select 'default', a.table, attname from attributes a
      where atthasdef or attidentity <> ''
    union all
    select 'not null', a.table, attname from attributes a where attnotnull
    union all
    select 'constraint', own.name, conname || ' ' || regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
      from pg_constraint k join own on own.oid = k.conrelid where contype in ('c', 'f', 'x')
    union all
    select 'unique', own.name, pg_get_indexdef(i.indexrelid)
      from pg_index i join own on own.oid = i.indrelid where i.indisunique and i.indisvalid
    union all
    select 'trigger', own.name, pg_get_triggerdef(g.oid)
      from pg_trigger g join own on own.oid = g.tgrelid where not g.tgisinternal
    union all
    select 'policy', own.name, polname || ' ' || polcmd::text || ' ' || polpermissive::text || ' ' ||
        array(select coalesce(r.rolname, 'public') from unnest(polroles) o left join pg_roles r on r.oid = o)::text || ' ' ||
        coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')
      from pg_policy p join own on own.oid = p.polrelid
    union all
    select 'grant', own.name, g.privilege_type || ' to ' || r.rolname
      from own, aclexplode(own.relacl) g join pg_roles r on r.oid = g.grantee where g.grantee <> own.relowner
    union all
    select 'grant', a.table, g.privilege_type || ' (' || attname || ') to ' || r.rolname
      from attributes a, aclexplode(a.attacl) g join pg_roles r on r.oid = g.grantee
    order by 1, 2, 3`);
  return rows;
}

/** What a table lost or got, in words: each breaks a version that does not know of it. */
export function compareFacts(before: readonly Fact[], after: readonly Fact[]): string[] {
  const key = ({ kind, table, text }: Fact) => `${kind} ${table} ${text}`;
  const has = new Set(after.map(key));
  const had = new Set(before.map(key));
  const tables = new Set(before.map(({ table }) => table));
  const columns = new Set(before.filter(({ kind }) => kind === 'column').map(columnKey));
  const gone = before
    .filter((fact) => lost.has(fact.kind) && !has.has(key(fact)))
    .map(({ kind, table, text }) => `${table} has lost its ${kind} ${text}`);
  const added = after
    .filter((fact) => tables.has(fact.table) && !had.has(key(fact)))
    .filter((fact) => binds(fact, has, columns))
    .map(({ kind, table, text }) => `${table} has a new ${kind}: ${text}`);
  return [...gone, ...added];
}

const lost = new Set(['column', 'default', 'grant', 'policy']);
const binding = new Set(['constraint', 'unique', 'trigger', 'policy']);

function columnKey({ table, text }: Fact): string {
  return `${table} ${text.split(' ', 1)[0]}`;
}

/** A new column may be not null where a default fills it; one that was there may not become so. */
function binds(fact: Fact, has: ReadonlySet<string>, columns: ReadonlySet<string>): boolean {
  if (fact.kind !== 'not null') return binding.has(fact.kind);
  const isOld = columns.has(columnKey(fact));
  return isOld || !has.has(`default ${fact.table} ${fact.text}`);
}

import type { Catalog, Table } from './catalog.ts';

/** A thing of the database, and what is wrong with it. */
export interface SchemaFault {
  readonly name: string;
  readonly message: string;
}

/** What row-level security and the rights of roles leave open: postgres.md §8. */
export function* findSchemaFaults(
  catalog: Catalog,
  exempt: ReadonlySet<string>,
): Iterable<SchemaFault> {
  for (const table of catalog.tables.values()) {
    const message = exempt.has(table.name) ? undefined : tableFault(table);
    if (message !== undefined) yield { name: table.name, message };
  }
  for (const { name, isDefiner, hasSearchPath, isPublic } of catalog.functions) {
    if (!isDefiner) continue;
    if (!hasSearchPath) yield { name, message: 'security definer without a fixed search_path' };
    if (isPublic) yield { name, message: 'security definer that anyone may execute' };
  }
  for (const message of catalog.roleFaults) yield { name: 'roles', message };
}

function tableFault(table: Table): string | undefined {
  if (table.kind === 'view') {
    return table.isInvoker ? undefined : 'the view is not security_invoker';
  }
  if (!isTenantTable(table)) return undefined;
  if (!table.isForced) return 'row security is not enabled and forced';
  return table.policyCount === 0 ? 'row security has no policy' : undefined;
}

export function isTenantTable({ columns, kind }: Table): boolean {
  return kind === 'table' && [...columns.values()].some(({ name }) => name === 'tenant_id');
}

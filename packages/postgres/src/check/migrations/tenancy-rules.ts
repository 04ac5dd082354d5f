import type { Finding, Scene } from './rule.ts';

/** Asked once a file: a table of tenants is closed in the transaction that makes it. */
export function* checkTenancy({ file, history }: Scene): Iterable<Finding & { table: string }> {
  for (const [table, { columns, notNull, security }] of history.madeIn(file.name)) {
    if (!columns.has('tenant_id')) continue;
    const missing = [
      ...(security.has('enabled') ? [] : ['alter table … enable row level security']),
      ...(security.has('forced') ? [] : ['alter table … force row level security']),
      ...(security.has('policy') ? [] : ['create policy tenant on …']),
      ...(notNull.has('tenant_id') ? [] : ['tenant_id uuid not null']),
    ];
    if (missing.length === 0) continue;
    const message = `any tenant would see every row of ${table}`;
    yield { rule: 'tenant-rls', table, message, instead: missing.join('; ') };
  }
}

import type { Client } from 'pg';

export type TenantState = 'writing' | 'written';

/** Where a seed keeps what it has done: a schema of its own, which only the administrator sees. */
export async function createProgress(admin: Client): Promise<void> {
  await admin.query('create schema if not exists plinth_seed');
  await admin.query(
    `create table if not exists plinth_seed.tenant (
       profile text not null, seed int not null, slug text not null, tenant_id uuid not null,
       state text not null check (state in ('writing', 'written')), primary key (profile, seed, slug))`,
  );
  await admin.query(
    `create table if not exists plinth_seed.done (
       profile text primary key, seed int not null, report jsonb not null, at timestamptz not null default now())`,
  );
  await admin.query(
    'create table if not exists plinth_seed.index (name text primary key, definition text not null)',
  );
}

export async function isDone(admin: Client, profile: string): Promise<boolean> {
  const { rows } = await admin.query<{ found: boolean }>(
    `select to_regclass('plinth_seed.done') is not null as found`,
  );
  if (rows[0]?.found !== true) return false;
  const done = await admin.query('select from plinth_seed.done where profile = $1', [profile]);
  return done.rowCount === 1;
}

export async function readTenants(
  admin: Client,
  { profile, seed }: { readonly profile: string; readonly seed: number },
): Promise<Map<string, { readonly tenantId: string; readonly state: TenantState }>> {
  const { rows } = await admin.query<{ slug: string; tenant_id: string; state: TenantState }>(
    'select slug, tenant_id, state from plinth_seed.tenant where profile = $1 and seed = $2',
    [profile, seed],
  );
  return new Map(rows.map((row) => [row.slug, { tenantId: row.tenant_id, state: row.state }]));
}

export async function noteTenants(
  admin: Client,
  { profile, seed }: { readonly profile: string; readonly seed: number },
  tenants: readonly { readonly slug: string; readonly tenantId: string }[],
  state: TenantState,
): Promise<void> {
  await admin.query(
    `insert into plinth_seed.tenant (profile, seed, slug, tenant_id, state)
     select $1, $2, slug, id, $5 from unnest($3::text[], $4::uuid[]) as u(slug, id)
     on conflict (profile, seed, slug) do update set state = excluded.state`,
    [
      profile,
      seed,
      tenants.map(({ slug }) => slug),
      tenants.map(({ tenantId }) => tenantId),
      state,
    ],
  );
}

export async function noteDone(
  admin: Client,
  profile: string,
  seed: number,
  report: object,
): Promise<void> {
  await admin.query(
    `insert into plinth_seed.done (profile, seed, report) values ($1, $2, $3)
     on conflict (profile) do update set seed = excluded.seed, report = excluded.report, at = now()`,
    [profile, seed, JSON.stringify(report)],
  );
}

/** All that a seed or the product wrote; the tables stay. */
export async function wipe(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition
       and n.nspname in ('identity', 'customers', 'invoicing', 'payments', 'audit', 'notifications', 'plinth_seed')`,
  );
  if (rows.length === 0) return;
  // The rollups of these tables go with them.
  await admin.query('set plinth.truncate_rollups = on');
  await admin.query(`truncate ${rows.map(({ name }) => name).join(', ')} cascade`);
  await admin.query('reset plinth.truncate_rollups');
}

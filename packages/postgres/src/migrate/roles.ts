import { Problem } from '@plinth/core';
import type { ClientBase } from 'pg';

/** Roles that connect. The others are taken by `set role`, or own what must not belong to who calls it. */
export const loginRoles = ['plinth_owner', 'plinth_app', 'plinth_loader'] as const;

const creation: Readonly<Record<string, string>> = {
  plinth_owner: 'nobypassrls',
  // It takes plinth_worker's rights only where it says so, by `set role`.
  plinth_app: 'nobypassrls noinherit',
  plinth_loader: 'bypassrls',
  plinth_search: 'nologin nobypassrls',
  plinth_worker: 'nologin nobypassrls',
};

/** A plan is made for its tenant; nobody waits long for a lock, or leaves a transaction open. */
const settings = [
  `plan_cache_mode = 'force_custom_plan'`,
  `lock_timeout = '5s'`,
  `idle_in_transaction_session_timeout = '30s'`,
  `timezone = 'UTC'`,
];

/** Members of these may become them: the owner to give functions away, the app to work for all tenants. */
const memberships = [
  'grant plinth_search to plinth_owner',
  'grant plinth_worker to plinth_owner',
  'grant plinth_worker to plinth_app',
];

/** The whole, for an administrator to read and run. */
export function rolesSql(): string {
  const created = Object.entries(creation).map(([role, how]) => `create role ${role} ${how};`);
  const set = loginRoles.flatMap((role) =>
    settings.map((setting) => `alter role ${role} set ${setting};`),
  );
  return [...created, ...memberships.map((grant) => `${grant};`), ...set].join('\n');
}

/**
 * Creates the roles that are missing. With all of them there it changes nothing.
 *
 * @throws {Problem} `postgres.roles_missing` with the SQL for an administrator, where this role may not.
 */
export async function ensureRoles(client: ClientBase): Promise<void> {
  const names = Object.keys(creation);
  const { rows } = await client.query<{ rolname: string }>(
    'select rolname::text from pg_roles where rolname = any($1)',
    [names],
  );
  if (rows.length === names.length) return;
  const there = new Set(rows.map((row) => row.rolname));
  try {
    for (const role of names.filter((name) => !there.has(name))) {
      await client.query(`create role ${role} ${creation[role] ?? ''}`);
    }
    for (const grant of memberships) await client.query(grant);
    for (const role of loginRoles) {
      for (const setting of settings) await client.query(`alter role ${role} set ${setting}`);
    }
  } catch (error) {
    throw new Problem(
      'The roles are missing, and this one may not create them: an administrator runs the SQL of this problem once.',
      {
        code: 'postgres.roles_missing',
        kind: 'forbidden',
        context: { sql: rolesSql() },
        cause: error,
      },
    );
  }
}

/** What the owner needs in a database before it can migrate it. */
export async function grantDatabase(client: ClientBase, database: string): Promise<void> {
  const name = client.escapeIdentifier(database);
  await client.query(`grant connect, create, temporary on database ${name} to plinth_owner`);
  await client.query(`grant connect, temporary on database ${name} to plinth_app, plinth_loader`);
}

import { noLog, Problem, systemClock, type Clock, type Log } from '@plinth/core';
import type { Client } from 'pg';

import { checkDirect } from '../needs-direct.ts';
import { applyMigration } from './apply.ts';
import { connect } from './connect.ts';
import { readAll, type MigrationFile, type Migrations } from './files.ts';
import { createLedger, pendingOf, readLedger } from './ledger.ts';
import { ensureRoles, grantDatabase } from './roles.ts';
import { takeLock, type Runner } from './runner.ts';

export interface MigrateOptions {
  readonly log?: Log;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Stands in the ledger beside what it applied. */
  readonly appVersion?: string;
  /** `hold` stops each module before its first contract: the version before still runs. Default `apply`. */
  readonly contract?: 'apply' | 'hold';
}

/**
 * Brings a database up to date: roles first, then this package's own schema, then each module's files in
 * their order. One runner at a time: another waits up to 60 s.
 *
 * @param adminUrl a role that may create roles, or a member of plinth_owner where they exist.
 * @returns the names of what this call applied, such as `invoicing/0001_invoices.sql`.
 * @throws {Problem} `postgres.roles_missing` with the SQL for an administrator, `postgres.migration_changed`,
 *   `postgres.migration_gap`, `postgres.migration_order`, `postgres.migration_failed`, `postgres.migrating`,
 *   `postgres.needs_direct` through a pooler
 */
export async function migrate(
  adminUrl: string,
  all: readonly Migrations[],
  options: MigrateOptions = {},
): Promise<string[]> {
  const files = await readAll(all);
  const client = await connect(adminUrl, 'plinth-migrate');
  try {
    return await migrateWith(client, files, options);
  } finally {
    await client.end();
  }
}

async function migrateWith(
  client: Client,
  modules: readonly (readonly MigrationFile[])[],
  options: MigrateOptions,
): Promise<string[]> {
  const { log = noLog, clock = systemClock, appVersion, contract = 'apply' } = options;
  const signal = options.signal ?? new AbortController().signal;
  const runner: Runner = { client, clock, signal, appVersion };
  await checkDirect(client);
  await takeLock(runner);
  await ensureRoles(client);
  await becomeOwner(client);
  // Without it the statement of a killed runner goes on, and keeps the lock.
  await client.query(`set client_connection_check_interval = '500ms'`);
  await createLedger(client);
  const ledger = await readLedger(client);
  const pending = modules.flatMap((files) => {
    const left = pendingOf(files, ledger);
    const held = contract === 'hold' ? left.findIndex(({ phase }) => phase === 'contract') : -1;
    return held < 0 ? left : left.slice(0, held);
  });
  for (const file of pending) {
    signal.throwIfAborted();
    await applyMigration(runner, file);
    log.info('postgres.migration_applied', { migration: file.name });
  }
  return pending.map(({ name }) => name);
}

/** All that a migration makes belongs to plinth_owner. */
async function becomeOwner(client: Client): Promise<void> {
  const { rows } = await client.query<{ database: string; may: boolean }>(
    `select current_database() as database, has_database_privilege('plinth_owner', current_database(), 'create') as may`,
  );
  const { database = '', may = false } = rows[0] ?? {};
  try {
    if (!may) await grantDatabase(client, database);
    await client.query('set role plinth_owner');
  } catch (error) {
    throw new Problem('This role may not migrate: it is no member of plinth_owner.', {
      code: 'postgres.roles_missing',
      kind: 'forbidden',
      context: { sql: `grant create on database "${database}" to plinth_owner;` },
      cause: error,
    });
  }
}

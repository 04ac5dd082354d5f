import { noLog, Problem, systemClock, type Clock, type Log } from '@plinth/core';
import type { Client } from 'pg';

import { refuse } from '../errors.ts';
import { applyMigration } from './apply.ts';
import { connect } from './connect.ts';
import { readAll, type MigrationFile, type Migrations } from './files.ts';
import { createLedger, pendingOf, readLedger } from './ledger.ts';
import { ensureRoles, grantDatabase } from './roles.ts';

export interface MigrateOptions {
  readonly log?: Log;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Stands in the ledger beside what it applied. */
  readonly appVersion?: string;
}

/** Any number that no other user of the same database's advisory locks takes. */
const lockId = 7_113_046;
const lockWaitMsMax = 60_000;
const lockPollMs = 100;

/**
 * Brings a database up to date: roles first, then this package's own schema, then each module's files in
 * their order. One runner at a time: another waits up to 60 s.
 *
 * @param adminUrl a role that may create roles, or a member of plinth_owner where they exist.
 * @returns the names of what this call applied, such as `invoicing/0001_invoices.sql`.
 * @throws {Problem} `postgres.roles_missing` with the SQL for an administrator, `postgres.migration_changed`,
 *   `postgres.migration_gap`, `postgres.migration_order`, `postgres.migration_failed`, `postgres.migrating`
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
  const { log = noLog, clock = systemClock, appVersion } = options;
  const signal = options.signal ?? new AbortController().signal;
  await takeLock(client, clock, signal);
  await ensureRoles(client);
  await becomeOwner(client);
  // Without it the statement of a killed runner goes on, and keeps the lock.
  await client.query(`set client_connection_check_interval = '500ms'`);
  await createLedger(client);
  const ledger = await readLedger(client);
  const pending = modules.flatMap((files) => pendingOf(files, ledger));
  for (const file of pending) {
    signal.throwIfAborted();
    await applyMigration(client, file, { clock, signal, appVersion });
    log.info('postgres.migration_applied', { migration: file.name });
  }
  return pending.map(({ name }) => name);
}

async function takeLock(client: Client, clock: Clock, signal: AbortSignal): Promise<void> {
  const stopAt = clock.mono() + lockWaitMsMax;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1) as taken',
      [lockId],
    );
    if (rows[0]?.taken === true) return;
    if (clock.mono() > stopAt) {
      throw refuse({
        message: 'Another process has been migrating this database for more than 60 s.',
        code: 'postgres.migrating',
        kind: 'unavailable',
      });
    }
    await clock.sleep(lockPollMs, signal);
  }
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

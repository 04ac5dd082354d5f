import { randomBytes } from 'node:crypto';

import { connect } from '../../migrate/connect.ts';
import { readAll, type MigrationFile, type Migrations } from '../../migrate/files.ts';
import { createLedger } from '../../migrate/ledger.ts';
import { ensureRoles, grantDatabase } from '../../migrate/roles.ts';
import { applyPlainly, checkBeside } from './beside.ts';
import { excepted, lintMigrations, type MigrationFault } from './lint.ts';
import { findChanged, readReleaseLock, type ReleaseLock } from './release-lock.ts';

export interface MigrationsReport {
  readonly fileCount: number;
  /** Those that the last release has not. */
  readonly newCount: number;
  /** Statements of the last release that were held against them. */
  readonly statementCount: number;
  readonly faults: readonly MigrationFault[];
}

/**
 * Reads every migration by the server's own parser; compares those of the last release with what they were
 * then; and on a scratch database applies what is new, to see that the last release goes on beside it.
 *
 * @param lockPath `sql.lock.json` of the project.
 * @param adminUrl a role that may create databases and roles.
 */
export async function checkMigrations(
  all: readonly Migrations[],
  lockPath: string,
  adminUrl: string,
): Promise<MigrationsReport> {
  const files = (await readAll(all)).flat();
  const lock = await readReleaseLock(lockPath);
  const released = files.filter(({ name }) => Object.hasOwn(lock.migrations, name));
  const fresh = files.filter((file) => !released.includes(file));
  const found = [
    ...findChanged(files, lock),
    ...(await lintMigrations(files, lock)),
    ...(await besideOf(adminUrl, { released, fresh, lock })),
  ];
  return {
    fileCount: files.length,
    newCount: fresh.length,
    statementCount: lock.statements.length,
    faults: excepted(found, lock.exceptions),
  };
}

interface Rollout {
  readonly released: readonly MigrationFile[];
  readonly fresh: readonly MigrationFile[];
  readonly lock: ReleaseLock;
}

async function besideOf(
  adminUrl: string,
  { released, fresh, lock }: Rollout,
): Promise<MigrationFault[]> {
  const admin = await connect(adminUrl, 'plinth-check');
  const name = `plinth_beside_${randomBytes(6).toString('hex')}`;
  try {
    await ensureRoles(admin);
    await admin.query(`create database ${name} template template0`);
    await grantDatabase(admin, name);
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    const client = await connect(url.href, 'plinth-check');
    try {
      await client.query('set role plinth_owner');
      await createLedger(client);
      for (const file of released) await applyPlainly(client, file);
      return await checkBeside(client, fresh, lock.statements);
    } finally {
      await client.end();
    }
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
}

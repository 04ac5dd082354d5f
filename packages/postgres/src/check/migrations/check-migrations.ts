import { readAll, type Migrations } from '../../migrate/files.ts';
import { lintMigrations, type MigrationFault } from './lint.ts';
import { findChanged, readReleaseLock } from './release-lock.ts';

export interface MigrationsReport {
  readonly fileCount: number;
  readonly faults: readonly MigrationFault[];
}

/**
 * Reads every migration by the server's own parser, and compares those of the last release with what they
 * were then.
 *
 * @param lockPath `sql.lock.json` of the project.
 */
export async function checkMigrations(
  all: readonly Migrations[],
  lockPath: string,
): Promise<MigrationsReport> {
  const files = (await readAll(all)).flat();
  const lock = await readReleaseLock(lockPath);
  const faults = [...findChanged(files, lock), ...(await lintMigrations(files, lock))];
  return { fileCount: files.length, faults };
}

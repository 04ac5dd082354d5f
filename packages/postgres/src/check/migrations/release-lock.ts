import { readFile } from 'node:fs/promises';

import { z } from '@plinth/core/z';

import type { MigrationFile } from '../../migrate/files.ts';
import type { MigrationFault } from './lint.ts';

const Lock = z.strictObject({
  /** The release that it was written at. */
  release: z.string(),
  /** Checksums by name: from then on none of them changes. */
  migrations: z.record(z.string(), z.string()),
  /** Rules that came after a file was released, or that its reason outweighs. */
  exceptions: z.array(
    z.strictObject({ migration: z.string(), rule: z.string(), reason: z.string().min(10) }),
  ),
});

/** What the last release had, as `sql.lock.json` of the project keeps it. */
export type ReleaseLock = z.infer<typeof Lock>;

/** @throws {Error} when it is not there or not what it should be. */
export async function readReleaseLock(path: string): Promise<ReleaseLock> {
  return Lock.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** What was released never changes: databases that have it would not get the change. */
export function* findChanged(
  files: readonly MigrationFile[],
  { migrations, release }: ReleaseLock,
): Iterable<MigrationFault> {
  const present = new Map(files.map((file) => [file.name, file]));
  for (const [migration, checksum] of Object.entries(migrations)) {
    const file = present.get(migration);
    if (file?.checksum === checksum) continue;
    yield {
      migration,
      path: file?.path ?? migration,
      line: 1,
      rule: 'released',
      message: `${file === undefined ? 'is gone' : 'has changed'} since release ${release}, whose databases have it as it was`,
      instead: 'put it back as it was, and write a new file',
    };
  }
}

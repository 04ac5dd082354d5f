import { readFile } from 'node:fs/promises';

import { z } from '@plinth/core/z';

import { variantsOf } from '../../list/variants.ts';
import { connect } from '../../migrate/connect.ts';
import { readAll, type MigrationFile, type Migrations } from '../../migrate/files.ts';
import type { TableFile } from '../check-sql.ts';
import { describeTypes } from '../describe-types.ts';
import { findStatements } from '../statements-in.ts';
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
  /** Every statement that it may run: while the next one is rolled out, both run on one schema. */
  statements: z.array(
    z.strictObject({
      name: z.string(),
      text: z.string(),
      /** The server's names of their types. */
      parameters: z.array(z.string()),
      /** With their names: `total bigint`. */
      columns: z.array(z.string()),
    }),
  ),
});

/** What the last release had, as `sql.lock.json` of the project keeps it. */
export type ReleaseLock = z.infer<typeof Lock>;
export type LockedStatement = ReleaseLock['statements'][number];

/** @throws {Error} when it is not there or not what it should be. */
export async function readReleaseLock(path: string): Promise<ReleaseLock> {
  return Lock.parse(JSON.parse(await readFile(path, 'utf8')));
}

/**
 * What a release has, for `sql.lock.json`: from then on the next one is held against it.
 *
 * @param adminUrl a database that has all its migrations.
 */
export async function describeRelease(
  adminUrl: string,
  all: readonly Migrations[],
  files: readonly TableFile[],
): Promise<Pick<ReleaseLock, 'migrations' | 'statements'>> {
  const migrations = (await readAll(all)).flat();
  const client = await connect(adminUrl, 'plinth-check');
  const statements: LockedStatement[] = [];
  try {
    const own = files.filter(({ path }) => !path.endsWith('fixture-table.ts'));
    for (const { name, text } of own.flatMap(namedIn)) {
      statements.push({ name, text, ...(await describeTypes(client, text)) });
    }
  } finally {
    await client.end();
  }
  return {
    migrations: Object.fromEntries(migrations.map(({ name, checksum }) => [name, checksum])),
    statements,
  };
}

/** Of a list one of the statements that it is put together to: all name the same columns. */
function namedIn({ path, exports }: TableFile): { name: string; text: string }[] {
  const { statements, lists } = findStatements(exports);
  return [
    ...statements.map(({ name, statement }) => ({ name: `${path} ${name}`, text: statement.text })),
    ...lists.flatMap(({ name, listing }) => {
      const [first] = variantsOf(listing);
      return first === undefined ? [] : [{ name: `${path} ${name}`, text: first.statement.text }];
    }),
  ];
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

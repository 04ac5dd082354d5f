import type { Client } from 'pg';

import { splitSql } from '../../migrate/split-sql.ts';
import type { MigrationFile } from '../../migrate/files.ts';
import { describeTypes } from '../describe-types.ts';
import { compareFacts, readFacts } from './facts.ts';
import type { MigrationFault } from './lint.ts';
import type { LockedStatement } from './release-lock.ts';

const allowed = /^\s*--\s*allow:\s*n-beside\s+(\S.*)$/mu;

/**
 * Whether the version before goes on when the files of the next one are applied: each file in turn, then every
 * statement of that version is parsed anew and its tables are compared. Nothing that it runs is executed.
 *
 * @param client of a database that has what was released, and is there for the check alone; as its owner.
 */
export async function checkBeside(
  client: Client,
  files: readonly MigrationFile[],
  statements: readonly LockedStatement[],
): Promise<MigrationFault[]> {
  const faults: MigrationFault[] = [];
  let before = await readFacts(client);
  const broken = new Set<string>();
  for (const file of files.filter(({ phase }) => phase === 'expand')) {
    await applyPlainly(client, file);
    const after = await readFacts(client);
    const messages = compareFacts(before, after);
    for (const statement of statements) {
      if (broken.has(statement.name)) continue;
      const message = await compareStatement(client, statement);
      if (message === undefined) continue;
      broken.add(statement.name);
      messages.push(`${statement.name}: ${message}`);
    }
    before = after;
    if (allowed.test(file.sql)) continue;
    for (const message of messages) {
      faults.push({
        migration: file.name,
        path: file.path,
        line: 1,
        rule: 'n-beside',
        message: `the version before breaks: ${message}`,
        instead: 'a form that it can live with; or "-- allow: n-beside WHY" where it does',
      });
    }
  }
  return faults;
}

/** No rows are there: an index need not be built beside writers. */
export async function applyPlainly(client: Client, file: MigrationFile): Promise<void> {
  for (const statement of splitSql(file.sql)) await client.query(statement);
}

async function compareStatement(
  client: Client,
  { text, parameters, columns }: LockedStatement,
): Promise<string | undefined> {
  try {
    const types = await describeTypes(client, text);
    if (types.parameters.join() !== parameters.join()) {
      return `its parameters were ${parameters.join(', ')}, now ${types.parameters.join(', ')}`;
    }
    if (types.columns.join() === columns.join()) return undefined;
    return `its columns were ${columns.join(', ')}, now ${types.columns.join(', ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

import type { ClientBase } from 'pg';

import type { MigrationFile } from './files.ts';
import { recordMigration } from './ledger.ts';
import { checkLock, type Runner } from './runner.ts';
import { splitSql } from './split-sql.ts';

/**
 * Statements outside a transaction, one by one. A run that was killed is done again from the first: an index
 * that it left invalid is dropped, one that it finished is kept.
 *
 * A concurrent build that a timeout ended leaves an invalid index after the whole work: so there is none.
 */
export async function applyStepwise(runner: Runner, file: MigrationFile): Promise<void> {
  const { client, clock, appVersion } = runner;
  const startedMs = clock.mono();
  const isResumed = await wasRunning(client, file);
  await client.query('set lock_timeout = 0');
  await client.query('set statement_timeout = 0');
  try {
    await recordMigration(client, file, { state: 'running', ms: null, appVersion });
    for (const statement of splitSql(file.sql)) {
      await checkLock(runner);
      const index = await findIndex(client, statement);
      if (index?.isValid === false) await client.query(`drop index concurrently ${index.name}`);
      if (index?.isValid === true && isResumed) continue;
      await client.query(statement);
    }
    const ms = clock.mono() - startedMs;
    await recordMigration(client, file, { state: 'applied', ms, appVersion });
  } finally {
    await client.query('reset lock_timeout').catch(() => undefined);
    await client.query('reset statement_timeout').catch(() => undefined);
  }
}

async function wasRunning(client: ClientBase, { module, id }: MigrationFile): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from plinth.migration where module = $1 and id = $2 and state = 'running'`,
    [module, id],
  );
  return rowCount === 1;
}

const concurrentIndex =
  /create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(\w+)\s+on\s+(?:only\s+)?(?:(\w+)\.)?\w+/iu;

interface FoundIndex {
  readonly name: string;
  readonly isValid: boolean;
}

/** The one that a statement would build, where it is there. */
async function findIndex(client: ClientBase, statement: string): Promise<FoundIndex | undefined> {
  const [, index, schema = 'public'] = concurrentIndex.exec(statement) ?? [];
  if (index === undefined) return undefined;
  const { rows } = await client.query<{ valid: boolean }>(
    `select indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
       join pg_namespace n on n.oid = c.relnamespace where c.relname = $1 and n.nspname = $2`,
    [index, schema],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  const name = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(index)}`;
  return { name, isValid: found.valid };
}

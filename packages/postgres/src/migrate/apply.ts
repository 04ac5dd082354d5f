import { randomInt } from 'node:crypto';

import { Problem, type Clock } from '@plinth/core';
import type { ClientBase } from 'pg';

import { failureOf } from '../failure.ts';
import type { MigrationFile } from './files.ts';
import { recordMigration } from './ledger.ts';
import { splitSql } from './split-sql.ts';

export interface ApplyOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly appVersion: string | undefined;
}

/** A statement that waits for a lock holds up all who come behind it: short tries instead of one long wait. */
const lockTimeoutMs = 100;
const lockTriesMax = 120;
const lockPauseMsMin = 150;
const lockPauseMsMax = 450;
const statementTimeoutMs = 900_000;
const busyStates = new Set(['55P03', '40P01', '40001']);

/** @throws {Problem} `postgres.migration_failed` with the file and what the server said. */
export async function applyMigration(
  client: ClientBase,
  file: MigrationFile,
  options: ApplyOptions,
): Promise<void> {
  try {
    if (file.inTransaction) await applyWhole(client, file, options);
    else await applyStepwise(client, file, options);
  } catch (error) {
    const { sqlstate, message, cause } = failureOf(error);
    throw new Problem(`${file.name} was not applied: ${message}.`, {
      code: 'postgres.migration_failed',
      kind: 'internal',
      context: { migration: file.name, ...(sqlstate === undefined ? {} : { sqlstate }) },
      cause,
    });
  }
}

async function applyWhole(
  client: ClientBase,
  file: MigrationFile,
  { clock, signal, appVersion }: ApplyOptions,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const startedMs = clock.mono();
    try {
      await client.query('begin isolation level read committed');
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      await client.query(`set local statement_timeout = ${statementTimeoutMs}`);
      await client.query(file.sql);
      const ms = clock.mono() - startedMs;
      await recordMigration(client, file, { state: 'applied', ms, appVersion });
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback');
      const isBusy = busyStates.has(failureOf(error).sqlstate ?? '');
      if (!isBusy || tried === lockTriesMax) throw error;
      await clock.sleep(randomInt(lockPauseMsMin, lockPauseMsMax), signal);
    }
  }
}

/** A concurrent build that a timeout ended leaves an invalid index after the whole work: so there is none. */
async function applyStepwise(
  client: ClientBase,
  file: MigrationFile,
  { clock, appVersion }: ApplyOptions,
): Promise<void> {
  const startedMs = clock.mono();
  await client.query('set lock_timeout = 0');
  await client.query('set statement_timeout = 0');
  try {
    await recordMigration(client, file, { state: 'running', ms: null, appVersion });
    for (const statement of splitSql(file.sql)) {
      await dropInvalidIndex(client, statement);
      await client.query(statement);
    }
    const ms = clock.mono() - startedMs;
    await recordMigration(client, file, { state: 'applied', ms, appVersion });
  } finally {
    await client.query('reset lock_timeout');
    await client.query('reset statement_timeout');
  }
}

const concurrentIndex =
  /create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(\w+)\s+on\s+(?:only\s+)?(?:(\w+)\.)?\w+/iu;

/** What an interrupted build left. */
async function dropInvalidIndex(client: ClientBase, statement: string): Promise<void> {
  const [, index, schema = 'public'] = concurrentIndex.exec(statement) ?? [];
  if (index === undefined) return;
  const { rowCount } = await client.query(
    `select from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where not i.indisvalid and c.relname = $1 and n.nspname = $2`,
    [index, schema],
  );
  if (rowCount === 0) return;
  const name = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(index)}`;
  await client.query(`drop index concurrently ${name}`);
}

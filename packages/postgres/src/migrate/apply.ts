import { Problem } from '@plinth/core';

import { failureOf } from '../failure.ts';
import { applyBackfill } from './backfill.ts';
import type { MigrationFile } from './files.ts';
import { recordMigration } from './ledger.ts';
import { inTransaction, type Runner } from './runner.ts';
import { applyStepwise } from './stepwise.ts';

/** An expand takes locks for an instant or not at all; what takes longer is wrong, and ends before others wait. */
const expandTimeoutMs = 5_000;
const statementTimeoutMs = 900_000;

/** @throws {Problem} `postgres.migration_failed` with the file and what the server said. */
export async function applyMigration(runner: Runner, file: MigrationFile): Promise<void> {
  try {
    if (file.phase === 'backfill') await applyBackfill(runner, file);
    else if (file.inTransaction) await applyWhole(runner, file);
    else await applyStepwise(runner, file);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { sqlstate, message, cause } = failureOf(error);
    throw new Problem(`${file.name} was not applied: ${message}.`, {
      code: 'postgres.migration_failed',
      kind: 'internal',
      context: { migration: file.name, ...(sqlstate === undefined ? {} : { sqlstate }) },
      cause,
    });
  }
}

async function applyWhole(runner: Runner, file: MigrationFile): Promise<void> {
  const { client, clock, appVersion } = runner;
  const timeoutMs = file.phase === 'expand' ? expandTimeoutMs : statementTimeoutMs;
  await inTransaction(runner, timeoutMs, async () => {
    const startedMs = clock.mono();
    await client.query(file.sql);
    const ms = clock.mono() - startedMs;
    await recordMigration(client, file, { state: 'applied', ms, appVersion });
  });
}

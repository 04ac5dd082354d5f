import { randomBytes } from 'node:crypto';

import { systemClock, type Clock } from '@plinth/core';
import type { Client } from 'pg';

import { failureOf } from '../failure.ts';
import { applyMigration } from './apply.ts';
import { connect } from './connect.ts';
import { readAll, type MigrationFile, type Migrations } from './files.ts';
import { createLedger, pendingOf, readLedger, recordMigration, type Ledger } from './ledger.ts';
import { migrate } from './migrate.ts';
import { takeLock, type Runner } from './runner.ts';
import { splitSql } from './split-sql.ts';

export interface DryStep {
  readonly migration: string;
  /** Its first 80 characters, on one line. */
  readonly statement: string;
  readonly ms: number;
  /** Of relations that were there before: `invoicing.invoice ACCESS EXCLUSIVE`. Undefined outside a transaction. */
  readonly locks: readonly string[] | undefined;
}
export interface DryRun {
  /** False: others are connected, so that no copy of the data could be made; the times are those of empty tables. */
  readonly withData: boolean;
  readonly steps: readonly DryStep[];
}

/**
 * Applies what is pending to a copy of the database on the same server, and tells what each statement locks and
 * how long it takes. The copy is dropped.
 *
 * @param adminUrl a role that may create databases.
 */
export async function dryRun(
  adminUrl: string,
  all: readonly Migrations[],
  clock: Clock = systemClock,
): Promise<DryRun> {
  const modules = await readAll(all);
  const { source, ledger } = await readSource(adminUrl);
  const pending = modules.flatMap((files) => pendingOf(files, ledger));
  const applied = modules.flat().filter((file) => !pending.includes(file));
  const name = `plinth_dry_${randomBytes(6).toString('hex')}`;
  // Not from the database that is copied: that would be one more who is connected to it.
  const outside = await connect(urlOf(adminUrl, 'template1'), 'plinth-migrate');
  try {
    const withData = await copyDatabase(outside, source, name);
    const url = urlOf(adminUrl, name);
    await migrate(url, []);
    return { withData, steps: await runSteps(url, { applied, pending, withData, clock }) };
  } finally {
    await outside.query(`drop database if exists ${name} with (force)`);
    await outside.end();
  }
}

async function readSource(adminUrl: string): Promise<{ source: string; ledger: Ledger }> {
  const client = await connect(adminUrl, 'plinth-migrate');
  try {
    const { rows } = await client.query<{ name: string; ledger: boolean }>(
      `select current_database() as name, to_regclass('plinth.migration') is not null as ledger`,
    );
    const { name = '', ledger = false } = rows[0] ?? {};
    return { source: name, ledger: ledger ? await readLedger(client) : new Map() };
  } finally {
    await client.end();
  }
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** A copy with its data, or an empty one where others are connected: the server refuses to copy then. */
async function copyDatabase(outside: Client, source: string, name: string): Promise<boolean> {
  const from = outside.escapeIdentifier(source);
  try {
    await outside.query(`create database ${name} template ${from} strategy file_copy`);
    return true;
  } catch (error) {
    if (failureOf(error).sqlstate !== '55006') throw error;
    await outside.query(`create database ${name} template template0`);
    return false;
  }
}

interface Work {
  readonly applied: readonly MigrationFile[];
  readonly pending: readonly MigrationFile[];
  readonly withData: boolean;
  readonly clock: Clock;
}

async function runSteps(url: string, work: Work): Promise<DryStep[]> {
  const { applied, pending, withData, clock } = work;
  const client = await connect(url, 'plinth-migrate');
  const signal = new AbortController().signal;
  const runner: Runner = { client, clock, signal, appVersion: 'dry-run' };
  try {
    await takeLock(runner);
    await client.query('set role plinth_owner');
    await createLedger(client);
    const ledger = await readLedger(client);
    const isThere = ({ module, id }: MigrationFile) => ledger.has(`${module}/${id}`);
    const before = withData ? [] : applied.filter((file) => !isThere(file));
    for (const file of before) await applyMigration(runner, file);
    const steps: DryStep[] = [];
    for (const file of pending.filter((one) => !isThere(one))) {
      const isWatched = file.inTransaction && file.phase !== 'backfill';
      if (isWatched) steps.push(...(await watch(runner, file)));
      else steps.push(await time(runner, file));
    }
    return steps;
  } finally {
    await client.end();
  }
}

async function time(runner: Runner, file: MigrationFile): Promise<DryStep> {
  const startedMs = runner.clock.mono();
  await applyMigration(runner, file);
  const statement = splitSql(file.sql).map(shorten).join('; ');
  return { migration: file.name, statement, ms: runner.clock.mono() - startedMs, locks: undefined };
}

async function watch({ client, clock }: Runner, file: MigrationFile): Promise<DryStep[]> {
  const steps: DryStep[] = [];
  await client.query('begin');
  const before = await readRelations(client);
  let held = new Set<string>();
  for (const statement of splitSql(file.sql)) {
    const startedMs = clock.mono();
    await client.query(statement);
    const ms = clock.mono() - startedMs;
    const now = await readLocks(client, before);
    const locks = now.filter((lock) => !held.has(lock));
    held = new Set(now);
    steps.push({ migration: file.name, statement: shorten(statement), ms, locks });
  }
  await recordMigration(client, file, { state: 'applied', ms: 0, appVersion: 'dry-run' });
  await client.query('commit');
  return steps;
}

async function readRelations(client: Client): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select oid::int8::float8 as id from pg_class where oid >= 16384 and relkind in ('r', 'p', 'm', 'v', 'i', 'I')`,
  );
  return rows.map(({ id }) => id);
}

/** Reading takes none that anybody waits for. */
async function readLocks(client: Client, relations: readonly number[]): Promise<string[]> {
  const { rows } = await client.query<{ lock: string }>(
    `select relation::regclass::text || ' ' || regexp_replace(upper(regexp_replace(replace(mode, 'Lock', ''),
       '([a-z])([A-Z])', '\\1 \\2', 'g')), '\\s+', ' ', 'g') as lock
     from pg_locks where pid = pg_backend_pid() and locktype = 'relation' and granted
       and relation = any ($1::oid[]) and mode <> 'AccessShareLock' order by 1`,
    [relations],
  );
  return rows.map(({ lock }) => lock);
}

function shorten(statement: string): string {
  const text = statement
    .replaceAll(/--[^\n]*/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

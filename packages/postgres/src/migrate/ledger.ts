import type { ClientBase } from 'pg';

import { refuse } from '../errors.ts';
import type { MigrationFile } from './files.ts';
import { createProgressTable } from './progress-table.ts';

/** What was applied, by `module/id`. */
export type Ledger = ReadonlyMap<string, { readonly checksum: string; readonly state: string }>;

export async function createLedger(client: ClientBase): Promise<void> {
  await client.query(`create schema if not exists plinth`);
  await client.query(`create table if not exists plinth.migration (
    module      text  not null,
    id          int   not null check (id > 0),
    name        text  not null,
    checksum    bytea not null,
    phase       text  not null check (phase in ('expand', 'backfill', 'contract')),
    state       text  not null check (state in ('running', 'applied')),
    applied_at  timestamptz,
    ms          int,
    app_version text,
    primary key (module, id)
  )`);
  await createProgressTable(client);
}

export async function readLedger(client: ClientBase): Promise<Ledger> {
  const { rows } = await client.query<Record<'key' | 'checksum' | 'state', string>>(
    `select module || '/' || id as key, encode(checksum, 'hex') as checksum, state from plinth.migration`,
  );
  return new Map(rows.map(({ key, checksum, state }) => [key, { checksum, state }]));
}

/**
 * What is left to do. A ledger that knows more than the files is that of a newer release, which runs beside this one.
 *
 * @throws {Problem} `postgres.migration_changed` for an applied file with another text,
 *   `postgres.migration_order` for an older file that was never applied.
 */
export function pendingOf(files: readonly MigrationFile[], ledger: Ledger): MigrationFile[] {
  const isApplied = ({ module, id }: MigrationFile) =>
    ledger.get(`${module}/${id}`)?.state === 'applied';
  const lastApplied = files.findLastIndex(isApplied);
  return files.filter((file, index) => {
    if (!isApplied(file)) {
      if (index < lastApplied) throw outOfOrder(file);
      return true;
    }
    const known = ledger.get(`${file.module}/${file.id}`);
    if (known?.checksum !== file.checksum) throw changed(file);
    return false;
  });
}

export interface Entry {
  readonly state: 'running' | 'applied';
  readonly ms: number | null;
  readonly appVersion: string | undefined;
}

export async function recordMigration(
  client: ClientBase,
  file: MigrationFile,
  { state, ms, appVersion }: Entry,
): Promise<void> {
  await client.query(
    `insert into plinth.migration (module, id, name, checksum, phase, state, applied_at, ms, app_version)
     values ($1, $2, $3, decode($4, 'hex'), $5, $6, now(), $7, $8)
     on conflict (module, id) do update
       set checksum = excluded.checksum, state = excluded.state, applied_at = excluded.applied_at, ms = excluded.ms`,
    [
      file.module,
      file.id,
      file.name,
      file.checksum,
      file.phase,
      state,
      ms === null ? null : Math.round(ms),
      appVersion ?? null,
    ],
  );
}

function changed({ name }: MigrationFile): Error {
  return refuse({
    message: `${name} was applied with another text: an applied migration never changes, write a new one.`,
    code: 'postgres.migration_changed',
    kind: 'conflict',
  });
}

function outOfOrder({ name }: MigrationFile): Error {
  return refuse({
    message: `${name} is older than one that was applied: give it the next number.`,
    code: 'postgres.migration_order',
    kind: 'conflict',
  });
}

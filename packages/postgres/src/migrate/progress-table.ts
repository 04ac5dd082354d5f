import type { ClientBase } from 'pg';

import type { MigrationFile } from './files.ts';

/** How far a backfill came. */
interface Progress {
  readonly rows: number;
  /** The last key that is done, as text; undefined before the first batch. */
  readonly last: readonly string[] | undefined;
  readonly ms: number;
}

export async function createProgressTable(client: ClientBase): Promise<void> {
  await client.query(`create table if not exists plinth.migration_progress (
    module     text        not null,
    id         int         not null,
    rows       bigint      not null check (rows >= 0),
    last_key   text[]      not null,
    ms         float8      not null,
    changed_at timestamptz not null default now(),
    primary key (module, id)
  )`);
}

export async function findProgress(
  client: ClientBase,
  { module, id }: MigrationFile,
): Promise<Progress> {
  const { rows } = await client.query<{ rows: string; last_key: string[]; ms: number }>(
    'select rows, last_key, ms from plinth.migration_progress where module = $1 and id = $2',
    [module, id],
  );
  const [row] = rows;
  if (row === undefined) return { rows: 0, last: undefined, ms: 0 };
  return { rows: Number(row.rows), last: row.last_key, ms: row.ms };
}

export async function recordProgress(
  client: ClientBase,
  { module, id }: MigrationFile,
  { rows, last, ms }: Progress,
): Promise<void> {
  await client.query(
    `insert into plinth.migration_progress (module, id, rows, last_key, ms) values ($1, $2, $3, $4, $5)
     on conflict (module, id) do update
       set rows = excluded.rows, last_key = excluded.last_key, ms = excluded.ms, changed_at = now()`,
    [module, id, rows, last, ms],
  );
}

export async function forgetProgress(
  client: ClientBase,
  { module, id }: MigrationFile,
): Promise<void> {
  await client.query('delete from plinth.migration_progress where module = $1 and id = $2', [
    module,
    id,
  ]);
}

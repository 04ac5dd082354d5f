import type { Client } from 'pg';

import { seedTables } from './tables.ts';

interface Index {
  readonly name: string;
  readonly definition: string;
}

/**
 * Takes the secondary indexes off the tables that are to be filled; building them after the load costs a fraction.
 * Only ever called on tables that are empty: what reads meanwhile would scan them whole.
 */
export async function dropIndexes(admin: Client): Promise<Index[]> {
  const { rows } = await admin.query<Index>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i
     where i.indrelid = any ($1::text[]::regclass[]) and not i.indisprimary
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
     order by 1`,
    [[...seedTables]],
  );
  await admin.query('begin');
  for (const { name, definition } of rows) {
    await admin.query('insert into plinth_seed.index values ($1, $2) on conflict do nothing', [
      name,
      definition,
    ]);
    await admin.query(`drop index ${name}`);
  }
  await admin.query('commit');
  return rows;
}

/** Builds what `dropIndexes` took off, also after a crash in between: the list is kept in the database. */
export async function buildIndexes(
  admin: Client,
  onProgress: (done: number, all: number, name: string) => void,
): Promise<void> {
  const { rows } = await admin.query<Index>(
    'select name, definition from plinth_seed.index order by name',
  );
  await admin.query(`set maintenance_work_mem = '512MB'`);
  await admin.query('set max_parallel_maintenance_workers = 1');
  await admin.query('set statement_timeout = 0');
  for (const [done, { name, definition }] of rows.entries()) {
    onProgress(done, rows.length, name);
    await admin.query(
      definition.replace(/^create (unique )?index /iu, 'create $1index if not exists '),
    );
    await admin.query('delete from plinth_seed.index where name = $1', [name]);
  }
}

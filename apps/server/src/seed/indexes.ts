import type { Client } from 'pg';

import { seedTables } from './tables.ts';

interface Index {
  readonly name: string;
  readonly definition: string;
}

/**
 * Takes the indexes and keys off the tables that are to be filled; building them after the load costs a fraction.
 * Only ever called on tables that are empty: what reads meanwhile would scan them whole.
 */
export async function dropIndexes(admin: Client): Promise<void> {
  const { rows } = await admin.query<Index & { readonly removal: string }>(
    `select i.indexrelid::regclass::text as name,
       case when c.oid is null then pg_get_indexdef(i.indexrelid)
         else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end
         as definition,
       case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
         else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as removal
     from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
     where i.indrelid = any ($1::text[]::regclass[])
       and not exists (select from pg_constraint f where f.conindid = i.indexrelid and f.contype = 'f')
     order by 1`,
    [[...seedTables]],
  );
  await admin.query('begin');
  for (const { name, definition, removal } of rows) {
    await admin.query('insert into plinth_seed.index values ($1, $2) on conflict do nothing', [
      name,
      definition,
    ]);
    await admin.query(removal);
  }
  await admin.query('commit');
}

/** Builds what `dropIndexes` took off, also after a crash in between: the list is kept in the database. */
export async function buildIndexes(
  admin: Client,
  onProgress: (done: number, all: number, name: string) => void,
): Promise<void> {
  const { rows } = await admin.query<Index>(
    `select name, definition from plinth_seed.index where to_regclass(name) is null order by name`,
  );
  await admin.query(`set maintenance_work_mem = '512MB'`);
  await admin.query('set max_parallel_maintenance_workers = 1');
  await admin.query('set statement_timeout = 0');
  for (const [done, { name, definition }] of rows.entries()) {
    onProgress(done, rows.length, name);
    await admin.query(definition);
  }
  await admin.query('delete from plinth_seed.index');
}

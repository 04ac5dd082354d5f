import type { DataPosition } from '@plinth/cache';
import type { Position } from '@plinth/core';
import { sql, t, type Context, type Database } from '@plinth/postgres';

/** Its name stands in the positions that clients carry. */
const cluster = 'main';

const nowAt = sql({}, { lsn: t.int8, walFile: t.text }, { name: 'server.data_position' })`
  select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint as lsn,
         pg_walfile_name(pg_current_wal_insert_lsn()) as "walFile"`;

const timelineDigits = 8;

/** How far the primary is: all that was acknowledged before the call is at or below it. */
export async function primaryPosition(database: Database, context: Context): Promise<Position> {
  const { lsn, walFile } = await database.one(context, nowAt, {});
  return { cluster, timeline: Number.parseInt(walFile.slice(0, timelineDigits), 16), lsn };
}

/** What the cache asks for where it has lost the order: how far each source is. */
export async function dataNow(
  database: Database,
  context: Context,
): Promise<readonly DataPosition[]> {
  const told = await database.positions.newest();
  return [toDataPosition(told ?? (await primaryPosition(database, context)))];
}

/** The same as the cache counts it. */
export function toDataPosition({ timeline, lsn }: Position): DataPosition {
  return { source: cluster, timeline, at: Number(lsn) };
}

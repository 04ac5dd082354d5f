import { noLog, systemClock, type Clock, type Log } from '@plinth/core';

import { t } from './codecs.ts';
import type { Database } from './database.ts';
import { asWorker } from './partition/partition-table.ts';
import { sql } from './sql.ts';

const upkeepMs = 3_600_000;
const keptHours = 24;
const batchRows = 1_000;

/** Old keys tenant by tenant: their index begins with the tenant, and skips from one to the next. */
const deleteOld = sql(
  { hours: t.int4, rows: t.int4 },
  { deleted: t.int8n },
  { name: 'postgres.purge_write_keys' },
)`
  with recursive tenants as (
    (select k.tenant_id from plinth.write_key k order by k.tenant_id limit 1)
    union all
    select (select k.tenant_id from plinth.write_key k where k.tenant_id > t.tenant_id
      order by k.tenant_id limit 1)
    from tenants t where t.tenant_id is not null),
  old as (
    select k.tenant_id, k.key from tenants t cross join lateral (
      select o.tenant_id, o.key from plinth.write_key o
      where o.tenant_id = t.tenant_id and o.at < now() - make_interval(hours => ${'hours'})
      order by o.at limit ${'rows'}) k
    where t.tenant_id is not null limit ${'rows'}),
  gone as (
    delete from plinth.write_key k using old
    where k.tenant_id = old.tenant_id and k.key = old.key
    returning 1)
  select count(*) as deleted from gone`;

export interface WriteKeyNeeds {
  readonly database: Pick<Database, 'write'>;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** Deletes keys of writes that are older than a day, 1,000 a transaction. @returns how many they were. */
export async function purgeWriteKeys(
  database: Pick<Database, 'write'>,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const position = { get: () => undefined, advance: () => undefined };
  for (let sum = 0; ;) {
    const { deleted } = await database.write({ tenant: 'none', position, signal }, async (tx) => {
      await tx.run(asWorker, {});
      return tx.one(deleteOld, { hours: keptHours, rows: batchRows });
    });
    sum += deleted;
    if (deleted < batchRows) return sum;
  }
}

/** At once and each hour: a key tells for a day what became of its write. */
export function startWriteKeyUpkeep(needs: WriteKeyNeeds): { stop(): Promise<void> } {
  const { database, clock = systemClock, log = noLog } = needs;
  const ended = new AbortController();
  const purge = async () => {
    try {
      await purgeWriteKeys(database, ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) log.error('postgres.write_key_upkeep_failed', { error });
    }
  };
  let running = purge();
  const end = clock.every(upkeepMs, () => (running = purge()), { jitterRatio: 0.1 });
  return {
    async stop() {
      end();
      ended.abort();
      await running;
    },
  };
}

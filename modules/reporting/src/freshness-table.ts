import { sql, t, type Reader } from '@plinth/postgres';

/** On a replica that is behind, the time of the last commit that it has. */
const freshness = sql({}, { asOf: t.timestamptz }, { name: 'reporting.freshness', hot: true })`
  select case when pg_is_in_recovery() and pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn()
    then coalesce(pg_last_xact_replay_timestamp(), now()) else now() end as "asOf"`;

/** Everything that was committed by then is in what this reader sees. It goes first. */
export async function findFreshness(reader: Reader): Promise<string> {
  const { asOf } = await reader.one(freshness, {});
  return asOf.toISOString();
}

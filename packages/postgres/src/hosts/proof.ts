import { normalise, parseLsn, timelineOf } from '../position.ts';
import { statementId } from '../sql.ts';
import type { Answer, Wire } from '../wire/wire.ts';

/**
 * What a read asks beside its own work: whether the server replays, how far it is, and on a primary its
 * timeline. READ COMMITTED takes the snapshot of the next statement after this one ran, so the position is
 * a lower bound of what that statement sees.
 */
export const proofColumns = [
  'pg_is_in_recovery()',
  'case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end::text',
  'case when not pg_is_in_recovery() then pg_walfile_name(pg_current_wal_insert_lsn()) end',
] as const;

const text = `select ${proofColumns.join(', ')}`;
export const proofWire: Wire = { name: statementId(text), text, values: [] };

export interface Proof {
  readonly isStandby: boolean;
  readonly lsn: bigint;
  /** A standby's is not asked in a read. */
  readonly timeline: number | undefined;
}

export function proofOf({ rows }: Answer): Proof | undefined {
  const [recovery, lsn, walFile] = rows[0] ?? [];
  if (typeof lsn !== 'string') return undefined;
  const isStandby = recovery === 't';
  return {
    isStandby,
    lsn: isStandby ? parseLsn(lsn) : normalise(parseLsn(lsn)),
    timeline: typeof walFile === 'string' ? timelineOf(walFile) : undefined,
  };
}

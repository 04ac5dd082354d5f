import type { Position } from '@plinth/core';

import type { Answer, Wire } from './wire/wire.ts';
import { statementId } from './sql.ts';

const positionText =
  'select pg_current_wal_insert_lsn()::text, pg_walfile_name(pg_current_wal_insert_lsn())';

/** Sampled after the commit, so not below any commit that a session can see. */
export const positionWire: Wire = {
  name: statementId(positionText),
  text: positionText,
  values: [],
};

const pageBytes = 8_192n;
const pageHeadBytes = 24n;
const segmentHeadBytes = 40n;

/** A record that ends at a page's end leaves the insert position behind the next page's header, which replay reaches only with the next record. */
export function normalise(lsn: bigint): bigint {
  const offset = lsn % pageBytes;
  return offset === pageHeadBytes || offset === segmentHeadBytes ? lsn - offset : lsn;
}

/** `16/B374D848` */
export function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function positionOf(cluster: string, { rows }: Answer): Position | undefined {
  const [lsn, walFile] = rows[0] ?? [];
  if (typeof lsn !== 'string' || typeof walFile !== 'string') return undefined;
  return { cluster, timeline: timelineOf(walFile), lsn: normalise(parseLsn(lsn)) };
}

/** The first eight digits of a segment's name: right after a promotion, where `pg_control_checkpoint()` lags. */
export function timelineOf(walFile: string): number {
  return Number.parseInt(walFile.slice(0, 8), 16);
}

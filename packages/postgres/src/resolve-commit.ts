import type { Position } from '@plinth/core';

import type { Connection } from './connection.ts';
import type { Core } from './core.ts';
import { pinMs } from './hosts/reading.ts';
import { positionOf, positionWire, timelineOf } from './position.ts';
import { serverLife, type Identity } from './scope.ts';
import type { OpenTransaction } from './transaction.ts';

const resolveMsMax = 2_000;
const pollMs = 50;
const statusText = `select pg_xact_status($1::xid8), pg_walfile_name(pg_current_wal_insert_lsn()), ${serverLife}`;

/**
 * What became of a transaction whose COMMIT was sent and never answered: asked by its id, on the same timeline and
 * in the same life of the server only, since ids are used again in another.
 */
export async function resolveCommit(
  core: Core,
  transaction: OpenTransaction,
): Promise<'committed' | 'aborted' | 'unknown'> {
  const identity = await transaction.identity();
  if (identity === undefined) return 'unknown';
  const signal = AbortSignal.timeout(resolveMsMax);
  while (!signal.aborted) {
    const fate = await ask(core, signal, identity);
    if (fate !== 'waiting') return fate;
    await core.clock.sleep(pollMs, signal).catch(() => undefined);
  }
  return 'unknown';
}

async function ask(
  core: Core,
  signal: AbortSignal,
  { id, walFile, life }: Identity,
): Promise<'committed' | 'aborted' | 'unknown' | 'waiting'> {
  let connection: Connection;
  try {
    connection = await core.pool.acquire(signal);
  } catch {
    return 'waiting';
  }
  try {
    const { rows } = await connection.send({ text: statusText, values: [id] });
    const [status, file, lifeNow] = rows[0] ?? [];
    if (typeof file !== 'string' || timelineOf(file) !== timelineOf(walFile)) return 'unknown';
    if (String(lifeNow) !== life) return 'unknown';
    if (status === 'committed' || status === 'aborted') return status;
    return status === 'in progress' ? 'waiting' : 'unknown';
  } catch {
    connection.retire();
    return 'waiting';
  } finally {
    core.pool.release(connection);
  }
}

const sampleMsMax = 1_000;

/**
 * A position for a commit whose own was not answered: that of the server now. Where there is none, or on
 * another timeline, the session reads at the primary for a second.
 */
export async function samplePosition(
  core: Core,
  open: OpenTransaction,
): Promise<Position | undefined> {
  const identity = await open.identity();
  const position = await sample(core).catch(() => undefined);
  const isSame = identity !== undefined && timelineOf(identity.walFile) === position?.timeline;
  if (isSame) return position;
  core.reading.pins.set(open.context.position, core.clock.mono() + pinMs);
  return undefined;
}

async function sample(core: Core): Promise<Position | undefined> {
  const connection = await core.pool.acquire(AbortSignal.timeout(sampleMsMax));
  try {
    return positionOf(core.transactions.cluster, await connection.send(positionWire));
  } finally {
    core.pool.release(connection);
  }
}

/** Of the primary, now; undefined where there is no other host, or none leads. */
export async function newestPosition(core: Core): Promise<Position | undefined> {
  return core.hosts.only === undefined ? sample(core).catch(() => undefined) : undefined;
}

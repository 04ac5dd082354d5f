import { randomInt } from 'node:crypto';

import type { Clock } from '@plinth/core';
import type { Client } from 'pg';

import { refuse } from '../errors.ts';
import { failureOf } from '../failure.ts';

/** Any number that no other user of the same database's advisory locks takes. */
const lockId = 7_113_046;
const lockWaitMsMax = 60_000;
const lockPollMs = 100;
/** A statement that waits for a lock holds up all who come behind it: short tries instead of one long wait. */
const lockTimeoutMs = 100;
const lockTriesMax = 120;
const lockPauseMsMin = 150;
const lockPauseMsMax = 450;
const busyStates = new Set(['55P03', '40P01', '40001']);

/** The one that migrates a database, as long as its session has the lock. */
export interface Runner {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly appVersion: string | undefined;
}

/** @throws {Problem} `postgres.migrating` when another has had the lock for more than 60 s. */
export async function takeLock({ client, clock, signal }: Runner): Promise<void> {
  const stopAt = clock.mono() + lockWaitMsMax;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1) as taken',
      [lockId],
    );
    if (rows[0]?.taken === true) return;
    if (clock.mono() > stopAt) {
      throw refuse({
        message: 'Another process has been migrating this database for more than 60 s.',
        code: 'postgres.migrating',
        kind: 'unavailable',
      });
    }
    await clock.sleep(lockPollMs, signal);
  }
}

/** @throws {Problem} `postgres.migrating` when the session is no longer the one that took the lock. */
export async function checkLock({ client }: Runner): Promise<void> {
  const { rows } = await client.query<{ held: boolean }>(
    `select exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted
       and classid::int8 = 0 and objid::int8 = $1 and database = (select oid from pg_database where datname = current_database())) as held`,
    [lockId],
  );
  if (rows[0]?.held === true) return;
  throw refuse({
    message: 'The lock of this run is gone: another may be migrating.',
    code: 'postgres.migrating',
    kind: 'unavailable',
  });
}

/**
 * One transaction, tried again up to 120 times while others hold what it needs: each try waits 100 ms for a
 * lock, and lets others through for 150 to 450 ms before the next.
 */
export async function inTransaction<result>(
  runner: Runner,
  statementTimeoutMs: number,
  work: () => Promise<result>,
): Promise<result> {
  const { client, clock, signal } = runner;
  for (let tried = 1; ; tried += 1) {
    try {
      await client.query('begin isolation level read committed');
      await checkLock(runner);
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      await client.query(`set local statement_timeout = ${statementTimeoutMs}`);
      const result = await work();
      await client.query('commit');
      return result;
    } catch (error) {
      // A connection that is lost has rolled back by itself.
      await client.query('rollback').catch(() => undefined);
      const isBusy = busyStates.has(failureOf(error).sqlstate ?? '');
      if (!isBusy || tried === lockTriesMax) throw error;
      await clock.sleep(randomInt(lockPauseMsMin, lockPauseMsMax), signal);
    }
  }
}

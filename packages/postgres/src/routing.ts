import type { Position } from '@plinth/core';

import type { Context } from './context.ts';
import { scopeOf, type Core } from './core.ts';
import type { WriteOptions } from './database.ts';
import { commitUnknown, refuse } from './errors.ts';
import { isLost, isServerGone, isStandby, isUnreachable } from './failure.ts';
import type { Host } from './hosts/host.ts';
import { Reading, type Wish } from './hosts/reading.ts';
import { reportMs } from './hosts/reporting.ts';
import type { Seat } from './hosts/seat.ts';
import { timelineOf } from './position.ts';
import { resolveCommit, samplePosition } from './resolve-commit.ts';
import { withRetries, type Attempt, type Trace } from './retry.ts';
import type { Scope } from './scope.ts';
import { OpenTransaction } from './transaction.ts';
import type { Answer } from './wire/wire.ts';
import { takeWriteKey } from './write-key.ts';

type OwnScope = Pick<Scope, 'access'> & Partial<Scope>;

export interface ReadWork extends Wish {
  readonly scope: OwnScope;
}

/** Where one attempt goes, and where its failure is told. */
export interface At {
  readonly host: Host;
  readonly scope: Scope;
  readonly trace: Trace;
}

/** Runs a read where its data is new enough: on a replica that shows it, or at the primary. */
export function runRead<result>(
  core: Core,
  context: Context,
  read: ReadWork,
  work: (open: OpenTransaction) => Promise<result>,
): Promise<result> {
  return routeRead(core, context, read, (at) => withTransaction(core, context, at, work));
}

/** The same for reads that are no transaction of their own. */
export function routeRead<result>(
  core: Core,
  context: Context,
  { scope: own, consistency, target }: ReadWork,
  attempt: (at: At) => Promise<result>,
): Promise<result> {
  const reading = new Reading(core.reading, context, { consistency, target });
  const isMonotonic = consistency === 'monotonic' && core.hosts.only === undefined;
  return withRetries(core, context, { retries: core.retries }, async (trace) => {
    for (;;) {
      const next = reading.next();
      const seat = next instanceof Promise ? await next : next;
      const { host } = seat;
      let leave: (() => void) | undefined;
      try {
        if (target !== undefined) leave = await core.reports.enter(host, context.signal);
        const scope = scopeAt(core, context, own, seat);
        const result = await attempt({ host, scope, trace });
        if (isMonotonic) await reading.remember(host);
        return result;
      } catch (error) {
        if (!host.isPrimary && !seat.isRefused) reading.exclude(host);
        if (!seat.isRefused) throw error;
        delete trace.transaction;
      } finally {
        leave?.();
        seat.release();
      }
    }
  });
}

function scopeAt(core: Core, context: Context, own: OwnScope, { host, accept }: Seat): Scope {
  const role = host.isPrimary || core.hosts.only !== undefined ? 'primary' : 'replica';
  const wanted = host.isReporting ? { statementTimeoutMs: reportMs, ...own } : own;
  return { ...scopeOf(core, context, wanted), accept, role };
}

export interface WriteWork extends Pick<WriteOptions, 'idempotent' | 'writeKey' | 'retries'> {
  readonly scope: OwnScope;
  /** COMMIT leaves with the statement: nothing is waited for in between. */
  readonly isOneFlight?: boolean;
}

/**
 * Runs a write at the primary, and again after what left nothing behind. What may have happened is looked
 * up: by the transaction's id, or by its key.
 */
export async function runWrite<result>(
  core: Core,
  context: Context,
  o: WriteWork,
  work: (open: OpenTransaction) => Ran<result> | Promise<Ran<result>>,
): Promise<result> {
  const seen = core.hosts.only === undefined && new Reading(core.reading, context);
  const policy = {
    retries: o.retries ?? core.retries,
    ownLockTimeout: o.scope.lockTimeoutMs !== undefined,
    isRepeatable: o.idempotent === true || o.writeKey !== undefined,
  };
  let last: Ran<result> | undefined;
  return withRetries(core, context, policy, async (trace) => {
    const host = await core.hosts.primary(context);
    if (seen !== false) await seen.judgeBeforeWrite();
    const accept = core.hosts.only === undefined ? timelineCheck(core, host) : undefined;
    const scope = { ...scopeOf(core, context, o.scope), accept, role: 'primary' } as const;
    return withTransaction(core, context, { host, scope, trace }, async (open) => {
      const isDone = o.writeKey !== undefined && (await takeWriteKey(open, o.writeKey, last));
      // The attempt whose answer was lost has committed: what it gave holds.
      if (isDone && last !== undefined) return last.result;
      const ran = await work(open);
      if (o.isOneFlight !== true) await open.accepted();
      last = ran;
      await commit(core, { host, open });
      // What a server of an ended timeline has committed is void.
      if (o.isOneFlight === true) await open.accepted();
      return ran.result;
    });
  });
}

/** Kept apart from its promise, so that a statement on its way is not waited for before COMMIT follows it. */
export interface Ran<result> {
  readonly result: result | Promise<result>;
}

/** Never below the highest timeline ever seen: there another server has taken over. */
function timelineCheck(core: Core, host: Host): (answer: Answer) => void {
  return ({ rows }) => {
    const walFile = rows[0]?.[1];
    const { highest } = core.hosts.timelines;
    // A higher one has begun since it was last asked: what the client has seen must be judged by it first.
    if (typeof walFile === 'string' && timelineOf(walFile) === highest) return;
    core.hosts.failed(host, 'read-only');
    throw refuse({
      message: 'Another server of the database has taken over.',
      code: 'postgres.fenced',
      kind: 'unavailable',
      retryAfterMs: 1_000,
    });
  };
}

/** Takes a connection, and gives it back in a known state whatever happens. */
async function withTransaction<result>(
  core: Core,
  context: Context,
  { host, scope, trace }: At,
  work: (open: OpenTransaction) => Promise<result>,
): Promise<result> {
  const { pool } = host;
  const connection = await pool.acquire(context.signal).catch((error: unknown) => {
    if (isUnreachable(error)) core.hosts.failed(host, 'lost');
    throw error;
  });
  const open = new OpenTransaction(core.transactions, connection, context, scope);
  trace.transaction = open;
  try {
    return await work(open);
  } catch (error) {
    await open.rollback();
    tellFailure(core, host, open);
    throw error;
  } finally {
    pool.release(connection);
  }
}

export function tellFailure(core: Core, host: Host, { failure, scope }: Attempt): void {
  if (failure === undefined) return;
  if (isServerGone(failure)) core.hosts.failed(host, 'lost');
  else if (scope.access === 'write' && isStandby(failure)) core.hosts.failed(host, 'read-only');
}

interface Commit {
  readonly host: Host;
  readonly open: OpenTransaction;
}

async function commit(core: Core, { host, open }: Commit): Promise<void> {
  const position = await commitForSure(core, { host, open });
  if (position !== undefined) open.context.position.advance(position);
  try {
    open.runAfters();
  } catch (error) {
    core.log.error('postgres.after_commit_failed', error);
  }
}

async function commitForSure(core: Core, { host, open }: Commit): Promise<Position | undefined> {
  let position: Position | undefined;
  try {
    position = await open.commit();
  } catch (error) {
    const isOpenQuestion = open.isCommitSent && open.failure !== undefined && isLost(open.failure);
    if (!isOpenQuestion) throw error;
    tellFailure(core, host, open);
    const fate = await resolveCommit(core, open);
    if (fate === 'unknown') throw commitUnknown(error);
    if (fate === 'aborted') throw error;
  }
  return position ?? samplePosition(core, open);
}

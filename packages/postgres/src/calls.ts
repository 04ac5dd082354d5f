import type { Position } from '@plinth/core';

import type { Answer } from './wire/wire.ts';
import type { Context } from './context.ts';
import { joinedTransaction, scopeOf, type Core } from './core.ts';
import type { Reader, ReadOptions, Transaction, WriteOptions } from './database.ts';
import { commitUnknown, nestedWrite, refuse } from './errors.ts';
import { faceOf, readerOf, type Face } from './face.ts';
import { isLost } from './failure.ts';
import { resolveCommit } from './resolve-commit.ts';
import { withRetries, type Trace } from './retry.ts';
import { encodeParams } from './rows.ts';
import type { Scope } from './scope.ts';
import { factsOf, type AnyStatement } from './statement-facts.ts';
import { OpenTransaction } from './transaction.ts';

/** One statement in a transaction of its own: BEGIN, its scope, itself and COMMIT leave in one write. */
export async function callOnce(
  core: Core,
  context: Context,
  statement: AnyStatement,
  params: unknown,
): Promise<Answer> {
  const values = encodeParams(statement, params);
  const joined = joinedTransaction(core, context);
  if (joined !== undefined) return joined.execute(statement, values);
  const access = factsOf(statement).writes ? 'write' : 'read';
  if (access === 'write' && core.writing.getStore() === true) throw nestedWrite();
  const { hot, timeoutMs } = statement.options;
  const own = {
    access,
    ...(hot === true ? { plan: 'generic' as const } : {}),
    ...(timeoutMs === undefined ? {} : { statementTimeoutMs: timeoutMs }),
  } as const;
  return withRetries(core, context, { retries: core.retries }, (trace) =>
    withTransaction(core, context, { scope: scopeOf(core, context, own), trace }, async (open) => {
      const sent = open.execute(statement, values);
      // Nobody hears of its failure by itself: the commit tells the same.
      sent.catch(() => undefined);
      await commit(core, open);
      return sent;
    }),
  );
}

/** A command that is known to write, whatever its text looks like. */
export async function runOnce(
  core: Core,
  context: Context,
  statement: AnyStatement,
  params: unknown,
): Promise<number> {
  const values = encodeParams(statement, params);
  if (factsOf(statement).writes) return (await callOnce(core, context, statement, params)).count;
  const answer = await write(core, context, (_, open) => open.execute(statement, values));
  return answer.count;
}

export async function read<result>(
  core: Core,
  context: Context,
  work: (reader: Reader) => Promise<result>,
  options: ReadOptions = {},
): Promise<result> {
  const joined = joinedTransaction(core, context);
  if (joined !== undefined) return within(faceOf(joined), (face) => work(readerOf(face)));
  const isolation = options.snapshot === true ? 'repeatable read' : 'read committed';
  return withRetries(core, context, { retries: core.retries }, (trace) => {
    const scope = scopeOf(core, context, { access: 'read', isolation });
    return withTransaction(core, context, { scope, trace }, async (open) => {
      const result = await within(faceOf(open), (face) => work(readerOf(face)));
      // Nothing depends on its answer: whoever has the connection next is served behind it.
      open.commit().catch(() => undefined);
      return result;
    });
  });
}

export async function write<result>(
  core: Core,
  context: Context,
  work: (tx: Transaction, open: OpenTransaction) => Promise<result>,
  options: WriteOptions = {},
): Promise<result> {
  const joined = joinedTransaction(core, context);
  if (joined !== undefined) return join(joined, work, options);
  if (core.writing.getStore() === true) throw nestedWrite();
  const { lockTimeoutMs, isolation = 'read committed', retries = core.retries } = options;
  const policy = { retries, ownLockTimeout: lockTimeoutMs !== undefined };
  return withRetries(core, context, policy, (trace) => {
    const scope = scopeOf(core, context, { access: 'write', isolation, lockTimeoutMs });
    return withTransaction(core, context, { scope, trace }, async (open) => {
      const result = await core.writing.run(true, () =>
        within(faceOf(open), ({ transaction }) => work(transaction, open)),
      );
      await commit(core, open);
      return result;
    });
  });
}

async function join<result>(
  open: OpenTransaction,
  work: (tx: Transaction, open: OpenTransaction) => Promise<result>,
  { isolation }: WriteOptions,
): Promise<result> {
  if (isolation !== undefined && isolation !== open.scope.isolation) {
    throw refuse({
      message: 'The write joins a unit of work of another isolation.',
      code: 'postgres.other_isolation',
      kind: 'internal',
    });
  }
  open.checkOpen();
  return within(faceOf(open), ({ transaction }) => work(transaction, open));
}

async function within<result>(face: Face, work: (face: Face) => Promise<result>): Promise<result> {
  try {
    return await work(face);
  } finally {
    face.end();
  }
}

/** Takes a connection, and gives it back in a known state whatever happens. */
async function withTransaction<result>(
  core: Core,
  context: Context,
  { scope, trace }: { scope: Scope; trace: Trace },
  work: (open: OpenTransaction) => Promise<result>,
): Promise<result> {
  const connection = await core.pool.acquire(context.signal);
  const open = new OpenTransaction(core.transactions, connection, context, scope);
  trace.transaction = open;
  try {
    return await work(open);
  } catch (error) {
    await open.rollback();
    throw error;
  } finally {
    core.pool.release(connection);
  }
}

async function commit(core: Core, open: OpenTransaction): Promise<void> {
  let position: Position | undefined;
  try {
    position = await open.commit();
  } catch (error) {
    const isOpenQuestion = open.isCommitSent && open.failure !== undefined && isLost(open.failure);
    if (!isOpenQuestion) throw error;
    const fate = await resolveCommit(core, open);
    if (fate === 'unknown') throw commitUnknown(error);
    if (fate === 'aborted') throw error;
  }
  if (position !== undefined) open.context.position.advance(position);
  try {
    open.runAfters();
  } catch (error) {
    core.log.error('postgres.after_commit_failed', error);
  }
}

import type { Answer } from './wire/wire.ts';
import type { Context } from './context.ts';
import { joinedTransaction, type Core } from './core.ts';
import type { Reader, ReadOptions, Transaction, WriteOptions } from './database.ts';
import { nestedWrite, refuse } from './errors.ts';
import { faceOf, readerOf, type Face } from './face.ts';
import { readOnce } from './read-once.ts';
import { runRead, runWrite } from './routing.ts';
import { encodeParams } from './rows.ts';
import { factsOf, type AnyStatement } from './statement-facts.ts';
import type { OpenTransaction } from './transaction.ts';

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
  const send = (open: OpenTransaction) => {
    const sent = open.execute(statement, values);
    // Nobody hears of its failure by itself: the commit tells the same.
    sent.catch(() => undefined);
    return sent;
  };
  if (access === 'write') {
    return runWrite(core, context, { scope: own, isOneFlight: true }, (open) => ({
      result: send(open),
    }));
  }
  return readOnce(core, context, { statement, values, scope: own });
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
  const { consistency, target } = options;
  const scope = { access: 'read', isolation } as const;
  return runRead(core, context, { scope, consistency, target }, (open) => readWithin(open, work));
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
  const scope = { access: 'write', isolation, lockTimeoutMs } as const;
  return runWrite(core, context, { ...options, scope, retries }, async (open) => {
    const result = await core.writing.run(true, () =>
      within(faceOf(open), ({ transaction }) => work(transaction, open)),
    );
    return { result };
  });
}

async function readWithin<result>(
  open: OpenTransaction,
  work: (reader: Reader) => Promise<result>,
): Promise<result> {
  const result = await within(faceOf(open), (face) => work(readerOf(face)));
  // A callback that swallowed the refusal of its rows must not be believed.
  await open.accepted();
  // Nothing depends on its answer: whoever has the connection next is served behind it.
  open.commit().catch(() => undefined);
  return result;
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

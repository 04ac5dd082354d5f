import { suspended, type Answer, type Wire } from './wire/wire.ts';
import type { Context } from './context.ts';
import { scopeOf, type Core } from './core.ts';
import { decodeRows, encodeParams } from './rows.ts';
import type { Statement } from './statement.ts';
import { factsOf } from './statement-facts.ts';
import { OpenTransaction } from './transaction.ts';

const chunkDefault = 1_000;
/** A reader that is slower than this between two chunks loses its snapshot. */
const idleTimeoutMs = 300_000;

/**
 * Rows of one snapshot in chunks, by a portal on a connection of its own. While one chunk is worked on,
 * the next is on its way; no more is read ahead.
 */
export async function* stream<params, row>(
  core: Core,
  context: Context,
  {
    statement,
    params,
    chunk,
  }: { statement: Statement<params, row>; params: params; chunk?: number | undefined },
): AsyncIterable<row[]> {
  const values = encodeParams(statement, params);
  const { timeoutMs } = statement.options;
  const scope = scopeOf(core, context, {
    access: 'read',
    idleTimeoutMs,
    ...(timeoutMs === undefined ? {} : { statementTimeoutMs: timeoutMs }),
  });
  const connection = await core.pool.acquire(context.signal);
  const open = new OpenTransaction(core.transactions, connection, context, scope);
  const rowsMax = chunk ?? chunkDefault;
  const fetch = (wire: Wire): Promise<Answer> => {
    const answer = open.send({ ...wire, rowsMax });
    // It is awaited when its turn comes.
    answer.catch(() => undefined);
    return answer;
  };
  const { text } = statement;
  try {
    const first = await fetch({ text, name: factsOf(statement).preparedName, values });
    const { columns } = first;
    let answer = first;
    while (answer.command === suspended) {
      const next = fetch({ text, isContinued: true });
      yield decodeRows(statement, { ...answer, columns });
      answer = await next;
    }
    if (answer.rows.length > 0) yield decodeRows(statement, { ...answer, columns });
  } finally {
    await open.rollback();
    core.pool.release(connection);
  }
}

import type { Answer } from './wire/wire.ts';
import type { Context } from './context.ts';
import { scopeOf, type Core } from './core.ts';
import { decodeRows, encodeParams } from './rows.ts';
import type { Statement } from './statement.ts';
import { OpenTransaction } from './transaction.ts';

const chunkDefault = 1_000;
/** A reader that is slower than this between two chunks loses its snapshot. */
const idleTimeoutMs = 300_000;
const cursor = 'plinth_stream';

/**
 * Rows of one snapshot in chunks, by a cursor on a connection of its own. While one chunk is worked on,
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
  const fetchWire = { text: `fetch forward ${chunk ?? chunkDefault} from ${cursor}` };
  const fetchNext = (): Promise<Answer> => {
    const answer = open.send(fetchWire);
    // It is awaited when its turn comes.
    answer.catch(() => undefined);
    return answer;
  };
  try {
    const declared = open.send({
      text: `declare ${cursor} no scroll cursor for ${statement.text}`,
      values,
    });
    declared.catch(() => undefined);
    let next = fetchNext();
    await declared;
    for (;;) {
      const answer = await next;
      if (answer.rows.length === 0) break;
      next = fetchNext();
      yield decodeRows(statement, answer);
    }
  } finally {
    await open.rollback();
    core.pool.release(connection);
  }
}

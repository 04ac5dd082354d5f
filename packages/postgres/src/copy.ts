import type { Readable } from 'node:stream';

import { noSpan, type Position } from '@plinth/core';

import type { Context } from './context.ts';
import { scopeOf, type Core } from './core.ts';
import type { CopyTarget } from './database.ts';
import { cancelledProblem, refuse } from './errors.ts';
import { formatCopyRow } from './copy-text.ts';
import { OpenTransaction } from './transaction.ts';

export type CopyRows<row> = AsyncIterable<row> | Iterable<row> | Readable;

/** Rows are gathered to pieces of this size before they go to the socket. */
const pieceCharacters = 65_536;
const stage = 'plinth_copy';
const identifier = /^[a-z_][a-z0-9_]*$/u;

/**
 * Writes rows by COPY, all or nothing, on a connection of its own. Row security refuses COPY into a
 * table of tenants: there the rows go through a temporary table, and the policy checks each.
 */
export async function copyIn<row>(
  core: Core,
  context: Context,
  target: CopyTarget<row>,
  rows: CopyRows<row>,
): Promise<{ rows: number; position: Position }> {
  const [table, columns] = names(target);
  if (context.signal.aborted) throw cancelledProblem(context.signal.reason);
  const startedMs = core.clock.mono();
  const span = (context.span ?? noSpan).child('copy');
  const connection = await core.pool.acquire(context.signal);
  // It takes as long as its source: the caller's signal ends it.
  const scope = { ...scopeOf(core, context, { access: 'write' }), statementTimeoutMs: 0 };
  const open = new OpenTransaction(core.transactions, connection, context, scope);
  try {
    const count = await load(open, { table, columns, target, rows });
    const position = (await open.commit()) ?? {
      cluster: core.transactions.cluster,
      timeline: 0,
      lsn: 0n,
    };
    context.position.advance(position);
    return { rows: count, position };
  } catch (error) {
    await open.rollback();
    throw error;
  } finally {
    core.pool.release(connection);
    span.end();
    core.metrics.observe({
      summary: `copy ${target.table}`,
      statementClass: 'write',
      outcome: 'ok',
      role: 'primary',
      ms: core.clock.mono() - startedMs,
    });
  }
}

function names<row>({ table, columns }: CopyTarget<row>): [string, string] {
  const parts = table.split('.');
  if (parts.length === 2 && [...parts, ...columns].every((name) => identifier.test(name))) {
    return [table, columns.join(', ')];
  }
  throw refuse({
    message: 'A table and columns are named in lower case, with the schema.',
    code: 'postgres.bad_input',
    kind: 'internal',
  });
}

interface Load<row> {
  readonly table: string;
  readonly columns: string;
  readonly target: CopyTarget<row>;
  readonly rows: CopyRows<row>;
}

async function load<row>(open: OpenTransaction, o: Load<row>): Promise<number> {
  const { table, columns } = o;
  const security = await open.send({
    text: 'select row_security_active($1::regclass)',
    values: [table],
  });
  const isStaged = security.rows[0]?.[0] !== 'f';
  if (isStaged) {
    await open.send({
      text: `create temporary table ${stage} on commit drop as select ${columns} from ${table} with no data`,
    });
  }
  const text = `copy ${isStaged ? stage : table} (${columns}) from stdin`;
  const { count } = await open.copyIn(text, pieceRows(o));
  if (isStaged) {
    await open.send({ text: `insert into ${table} (${columns}) select ${columns} from ${stage}` });
  }
  return count;
}

/** Rows that are there already are not waited for one by one: that alone would take half of the time. */
async function* pieceRows<row>({ rows, target }: Load<row>): AsyncGenerator<string, void, void> {
  if (isIterable(rows)) {
    yield* piecesOf(rows, target);
    return;
  }
  let piece = '';
  for await (const row of rows) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a Readable yields what its caller declared as `row`
    piece += formatCopyRow(target.toFields(row as row));
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* piecesOf<row>(
  rows: Iterable<row>,
  target: CopyTarget<row>,
): Generator<string, void, void> {
  let piece = '';
  for (const row of rows) {
    piece += formatCopyRow(target.toFields(row));
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function isIterable<row>(rows: CopyRows<row>): rows is Iterable<row> {
  return Symbol.iterator in rows;
}

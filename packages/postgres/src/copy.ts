import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { noSpan, type Position } from '@plinth/core';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { clientConfig } from './connection.ts';
import type { Context } from './context.ts';
import type { Core } from './core.ts';
import type { CopyTarget } from './database.ts';
import { problemOf, refuse, unavailableProblem } from './errors.ts';
import { failureOf } from './failure.ts';
import { formatCopyRow } from './copy-text.ts';
import { positionOf, positionWire } from './position.ts';

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
  context.signal.throwIfAborted();
  const client = new Client(clientConfig(core.url, core.applicationName));
  // Its failures come by the statements.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw unavailableProblem('The database gives no connection.', error);
  });
  const startedMs = core.clock.mono();
  const span = (context.span ?? noSpan).child('copy');
  try {
    await begin(client, context);
    const count = await load(client, { table, columns, target, rows, signal: context.signal });
    await client.query('commit');
    const position = await samplePosition(core, client);
    context.position.advance(position);
    return { rows: count, position };
  } catch (error) {
    throw failed(error, context, target.table);
  } finally {
    span.end();
    core.metrics.observe(`copy ${target.table}`, 'write', 'ok', core.clock.mono() - startedMs);
    await client.end();
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

async function begin(client: Client, { tenant }: Context): Promise<void> {
  await client.query('begin isolation level read committed read write');
  await client.query(`select set_config('statement_timeout', '0', true)`);
  if (tenant !== 'none') await client.query(`select set_config('app.tenant', $1, true)`, [tenant]);
}

interface Load<row> {
  readonly table: string;
  readonly columns: string;
  readonly target: CopyTarget<row>;
  readonly rows: CopyRows<row>;
  readonly signal: AbortSignal;
}

async function load<row>(client: Client, o: Load<row>): Promise<number> {
  const { table, columns } = o;
  const security = await client.query<{ active: boolean }>(
    'select row_security_active($1::regclass) as active',
    [table],
  );
  const isStaged = security.rows[0]?.active !== false;
  if (isStaged) {
    await client.query(
      `create temporary table ${stage} on commit drop as select ${columns} from ${table} with no data`,
    );
  }
  const into = client.query(copyFrom(`copy ${isStaged ? stage : table} (${columns}) from stdin`));
  let count = 0;
  const pieces = pieceRows(o, () => (count += 1));
  await pipeline(Readable.from(pieces, { objectMode: false }), into, { signal: o.signal });
  if (isStaged) {
    await client.query(`insert into ${table} (${columns}) select ${columns} from ${stage}`);
  }
  return count;
}

async function* pieceRows<row>(
  { rows, target }: Load<row>,
  counted: () => void,
): AsyncIterable<string> {
  let piece = '';
  for await (const row of rows) {
    counted();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a Readable yields what its caller declared as `row`
    piece += formatCopyRow(target.toFields(row as row));
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

async function samplePosition(core: Core, client: Client): Promise<Position> {
  const { rows } = await client.query<string[]>({ text: positionWire.text, rowMode: 'array' });
  const { cluster } = core.transactions;
  const position = positionOf(cluster, { command: 'SELECT', count: 1, columns: [], rows });
  return position ?? { cluster, timeline: 0, lsn: 0n };
}

function failed(error: unknown, context: Context, table: string): unknown {
  const failure = failureOf(error);
  const cancelled = context.signal.aborted ? 'signal' : undefined;
  // What `toFields` or the source of the rows threw stays what it is.
  if (failure.sqlstate === undefined && cancelled === undefined) return error;
  return problemOf(failure, { statement: `copy ${table}`, tenant: context.tenant, cancelled });
}

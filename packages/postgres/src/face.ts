import { Problem } from '@plinth/core';

import type { Answer } from './wire/wire.ts';
import type { Reader, Transaction } from './database.ts';
import { contextEnded } from './errors.ts';
import { decodeRows, encodeParams } from './rows.ts';
import type { Statement } from './statement.ts';
import type { OpenTransaction } from './transaction.ts';

/** What a callback gets, until `end`. */
export interface Face {
  readonly transaction: Transaction;
  end(): void;
}

export function faceOf(open: OpenTransaction): Face {
  let isEnded = false;
  const check = () => {
    if (isEnded) throw contextEnded();
  };
  const send = (statement: Parameters<OpenTransaction['execute']>[0], params: unknown) => {
    check();
    return open.execute(statement, encodeParams(statement, params));
  };
  const transaction: Transaction = {
    context: open.context,
    one: async (statement, params) => oneOf(statement, await send(statement, params)),
    maybe: async (statement, params) => maybeOf(statement, await send(statement, params)),
    many: async (statement, params) => decodeRows(statement, await send(statement, params)),
    run: async (statement, params) => (await send(statement, params)).count,
    async savepoint(work) {
      check();
      return open.savepoint(work);
    },
    after(work) {
      check();
      open.after(work);
    },
    beforeCommit(makeCall) {
      check();
      open.beforeCommit(makeCall);
    },
  };
  return { transaction, end: () => void (isEnded = true) };
}

export function readerOf({ transaction }: Face): Reader {
  const { one, maybe, many } = transaction;
  return { one, maybe, many };
}

/** @throws {Problem} `postgres.row_count` unless there is exactly one row. */
export function oneOf<params, row>(statement: Statement<params, row>, answer: Answer): row {
  if (answer.rows.length > 1) throw rowCount(statement.name, answer.rows.length);
  const [row] = decodeRows(statement, answer);
  if (row === undefined) throw rowCount(statement.name, 0);
  return row;
}

/** @throws {Problem} `postgres.row_count` for more than one row. */
export function maybeOf<params, row>(
  statement: Statement<params, row>,
  answer: Answer,
): row | undefined {
  if (answer.rows.length > 1) throw rowCount(statement.name, answer.rows.length);
  return decodeRows(statement, answer)[0];
}

function rowCount(statement: string, count: number): Problem {
  return new Problem(`One row was expected, ${count} came.`, {
    code: 'postgres.row_count',
    kind: 'internal',
    context: { statement, count },
  });
}

import { Problem } from '@plinth/core';

import { builderOf } from './row-builder.ts';
import type { Answer } from './wire/wire.ts';
import type { AnyStatement } from './statement-facts.ts';
import type { Statement } from './statement.ts';

/** @throws {Problem} `postgres.bad_input` before anything is sent. */
export function encodeParams(statement: AnyStatement, params: unknown): (string | null)[] {
  return statement.order.map((name) => {
    const codec = statement.params[name];
    const value: unknown =
      typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
    if (codec === undefined || value === undefined || (value === null && !codec.nullable)) {
      throw badParameter(statement, name);
    }
    try {
      return codec.encode(value);
    } catch (error) {
      throw badParameter(statement, name, error);
    }
  });
}

function badParameter({ name: statement }: AnyStatement, name: string, cause?: unknown): Problem {
  return new Problem(`The value of ${name} does not fit its type.`, {
    code: 'postgres.bad_input',
    kind: 'invalid',
    context: { statement, parameter: name },
    cause,
  });
}

/** Turns the server's texts into what the statement's row declares, by the columns' names. */
export function decodeRows<params, row>(
  statement: Statement<params, row>,
  { columns, rows }: Answer,
): row[] {
  const build = builderOf(statement, columns);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every column is read by the codec that `row` declares for it
  return rows.map(build) as row[];
}

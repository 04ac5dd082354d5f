import { Problem } from '@plinth/core';

import type { Codec } from './codec.ts';
import { unexpectedNull } from './codecs.ts';
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
  const codecs = columns.map((name) => {
    const codec = statement.row[name];
    if (codec === undefined) throw wrongShape(statement, name);
    return codec;
  });
  const missing = Object.keys(statement.row).find((name) => !columns.includes(name));
  if (missing !== undefined) throw wrongShape(statement, missing);
  return rows.map((texts) => {
    const row: Record<string, unknown> = {};
    for (const [at, text] of texts.entries()) {
      const name = columns[at] ?? '';
      row[name] = decode(codecs[at], name, text);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every column was read by the codec that `row` declares for it
    return row as row;
  });
}

function decode(codec: Codec<unknown> | undefined, name: string, text: string | null): unknown {
  if (text !== null) return codec?.decode(text);
  if (codec?.nullable === true) return null;
  throw unexpectedNull(name);
}

function wrongShape({ name: statement }: AnyStatement, column: string): Problem {
  return new Problem(`The column ${column} is not in both the statement and its declared row.`, {
    code: 'postgres.row_shape',
    kind: 'internal',
    context: { statement, column },
  });
}

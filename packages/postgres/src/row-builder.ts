import { Problem } from '@plinth/core';

import type { Codec } from './codec.ts';
import { unexpectedNull } from './codecs.ts';
import type { AnyStatement } from './statement-facts.ts';

/** Makes a row's object of its columns' texts. */
export type RowBuilder = (fields: readonly (string | null)[]) => unknown;

interface Built {
  readonly columns: readonly string[];
  readonly build: RowBuilder;
}

const builders = new WeakMap<AnyStatement, Built>();

/**
 * The builder of a statement, generated once: an object literal with all its keys has one shape from the
 * start, and each column is read by its codec without a look-up.
 *
 * @throws {Problem} `postgres.row_shape` for columns that are not the declared ones.
 */
export function builderOf(statement: AnyStatement, columns: readonly string[]): RowBuilder {
  const known = builders.get(statement);
  if (known !== undefined && areSame(known.columns, columns)) return known.build;
  const build = generate(columns, codecsOf(statement, columns));
  builders.set(statement, { columns, build });
  return build;
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, at) => name === b[at]));
}

function codecsOf(statement: AnyStatement, columns: readonly string[]): Codec<unknown>[] {
  const missing = Object.keys(statement.row).find((name) => !columns.includes(name));
  if (missing !== undefined) throw wrongShape(statement, missing);
  return columns.map((name) => {
    const codec = Object.hasOwn(statement.row, name) ? statement.row[name] : undefined;
    if (codec === undefined) throw wrongShape(statement, name);
    return codec;
  });
}

/** Names of columns are no code: each is written as a literal, and `__proto__` as a property of the row itself. */
function generate(columns: readonly string[], codecs: readonly Codec<unknown>[]): RowBuilder {
  const members = columns.map((name, at) => {
    const key = name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
    return `${key}: fields[${at}] === null ? absent(${at}) : codecs[${at}].decode(fields[${at}])`;
  });
  const absent = (at: number) => {
    if (codecs[at]?.nullable === true) return null;
    throw unexpectedNull(columns[at] ?? '');
  };
  const source = `return (fields) => ({ ${members.join(', ')} });`;
  // oxlint-disable-next-line typescript/no-implied-eval -- made of literals and indexes alone
  const make: unknown = new Function('codecs', 'absent', source);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the source above returns it
  return (make as (codecs: readonly Codec<unknown>[], absent: unknown) => RowBuilder)(
    codecs,
    absent,
  );
}

function wrongShape({ name: statement }: AnyStatement, column: string): Problem {
  return new Problem(`The column ${column} is not in both the statement and its declared row.`, {
    code: 'postgres.row_shape',
    kind: 'internal',
    context: { statement, column },
  });
}

import type { Codec, Codecs, Out } from '../codec.ts';
import type { Statement, StatementOptions } from '../statement.ts';

/** The server's names of types, as `format_type` prints them: what a value of a list travels as. */
type Scalar =
  | 'text'
  | 'uuid'
  | 'bigint'
  | 'integer'
  | 'date'
  | 'timestamp with time zone'
  | 'boolean';
export type SqlType = Scalar | `${Scalar}[]`;

/** Makes a parameter of a value in the server's text form, and gives the SQL that stands for it. */
export type Bind = (type: SqlType, value: string) => string;

type Params = Readonly<Record<string, string>>;
/** A composed statement with the values of its parameters. */
export interface Bound<row> {
  readonly statement: Statement<Params, row>;
  readonly params: Params;
}

/** A value as the server writes and reads it: sort keys keep every digit. */
export function rawCodec(type: string): Codec<string> {
  return { type, nullable: false, encode: (value) => value, decode: (text) => text };
}

/**
 * Composes a statement of declared text and parameters.
 *
 * @param write gets the only way to put a value in.
 * @param options its name stands in metrics: one for all filters of a list.
 */
export function compose<row extends Codecs>(
  row: row,
  write: (bind: Bind) => string,
  options: StatementOptions & { readonly name: string },
): Bound<Out<row>> {
  const params: Record<string, string> = {};
  const codecs: Record<string, Codec<unknown>> = {};
  const order: string[] = [];
  const text = write((type, value) => {
    const name = `p${order.length + 1}`;
    order.push(name);
    params[name] = value;
    codecs[name] = rawCodec(type);
    return `$${order.length}::${type}`;
  });
  return {
    statement: { name: options.name, text, order, params: codecs, row, options },
    params,
  };
}

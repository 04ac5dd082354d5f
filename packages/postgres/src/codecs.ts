import { Problem } from '@plinth/core';

import { formatArray, parseArray } from './array-text.ts';
import type { Codec } from './codec.ts';
import { formatInstant, instantMs, isDay, isInstant } from './time-text.ts';

interface Shape<value> {
  /** True for what the server would take. */
  readonly fits: (value: value) => boolean;
  readonly encode?: (value: value) => string;
  readonly decode: (text: string) => value;
}

const uuidForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu;
const numericForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;
const int8Max = 2n ** 63n;

function codec<value>(type: string, { fits, encode, decode }: Shape<value>): Codec<value> {
  return {
    type,
    nullable: false,
    encode(value) {
      if (!fits(value)) throw badInput(type);
      return encode === undefined ? String(value) : encode(value);
    },
    decode,
  };
}

const asText = (text: string) => text;
const isPlainText = (value: string) =>
  typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
const integerWithin = (max: number) => (value: number) =>
  Number.isInteger(value) && value >= -max && value < max;

function safeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new Problem('A bigint is too large to be read as a number.', {
    code: 'postgres.number_too_large',
    kind: 'internal',
  });
}

/**
 * How values travel: the codecs of a statement's parameters and rows. Each refuses what the server would
 * refuse, before anything is sent.
 *
 * `int8` is a bigint, `int8n` a number that throws beyond ±2^53; `numeric` a decimal text; `date` is
 * `YYYY-MM-DD`; `timestamptz` a Date, `instant` an ISO 8601 text in UTC that keeps microseconds.
 */
export const t = {
  uuid: codec<string>('uuid', { fits: (value) => uuidForm.test(value), decode: asText }),
  text: codec<string>('text', { fits: isPlainText, decode: asText }),
  int2: codec<number>('smallint', { fits: integerWithin(2 ** 15), decode: Number }),
  int4: codec<number>('integer', { fits: integerWithin(2 ** 31), decode: Number }),
  int8: codec<bigint>('bigint', {
    fits: (value) => typeof value === 'bigint' && value >= -int8Max && value < int8Max,
    decode: BigInt,
  }),
  int8n: codec<number>('bigint', { fits: Number.isSafeInteger, decode: safeNumber }),
  float8: codec<number>('double precision', { fits: Number.isFinite, decode: Number }),
  numeric: codec<string>('numeric', {
    fits: (value) => typeof value === 'string' && numericForm.test(value),
    decode: asText,
  }),
  bool: codec<boolean>('boolean', {
    fits: (value) => typeof value === 'boolean',
    decode: (text) => text === 't',
  }),
  bytea: codec<Uint8Array>('bytea', {
    fits: (value) => value instanceof Uint8Array,
    encode: (value) => `\\x${Buffer.from(value).toString('hex')}`,
    decode: (text) => Buffer.from(text.slice(2), 'hex'),
  }),
  date: codec<string>('date', { fits: isDay, decode: asText }),
  timestamptz: codec<Date>('timestamp with time zone', {
    fits: (value) => value instanceof Date && Number.isFinite(value.getTime()),
    encode: (value) => value.toISOString(),
    decode: (text) => new Date(instantMs(text)),
  }),
  instant: codec<string>('timestamp with time zone', { fits: isInstant, decode: formatInstant }),
  interval: codec<string>('interval', { fits: isPlainText, decode: asText }),
  json: jsonOf,
  enum: enumOf,
  array: arrayOf,
  nullable: nullableOf,
} as const;

/** @param schema parses what the column holds; zod's schemas fit. */
function jsonOf<value>(schema: { parse(input: unknown): value }): Codec<value> {
  return {
    type: 'jsonb',
    nullable: false,
    encode(value) {
      const text = JSON.stringify(value);
      // The server's jsonb has no place for U+0000.
      if (text.includes(String.raw`\u0000`)) throw badInput('jsonb');
      return text;
    },
    decode: (text) => schema.parse(JSON.parse(text)),
  };
}

/** States are text with a check: an enum's operators are not leakproof, and row security would keep them out of an index. */
function enumOf<const label extends string>(...labels: readonly label[]): Codec<label> {
  const known = new Map<string, label>(labels.map((label) => [label, label]));
  return codec<label>('text', {
    fits: (value) => known.has(value),
    decode(text) {
      const label = known.get(text);
      if (label !== undefined) return label;
      throw new Problem('A column holds a label that the code does not know.', {
        code: 'postgres.unknown_label',
        kind: 'internal',
        context: { known: [...known.keys()] },
      });
    },
  });
}

function arrayOf<value>(element: Codec<value>): Codec<readonly value[]> {
  return {
    type: `${element.type}[]`,
    nullable: false,
    encode: (values) => formatArray(values.map((value) => element.encode(value))),
    decode: (text) =>
      parseArray(text).map((item) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a nullable element's value type holds null
        if (item === null && element.nullable) return null as value;
        if (item === null) throw unexpectedNull(element.type);
        return element.decode(item);
      }),
  };
}

function nullableOf<value>(inner: Codec<value>): Codec<value | null> {
  return {
    type: inner.type,
    nullable: true,
    encode: (value) => (value === null ? null : inner.encode(value)),
    decode: (text) => inner.decode(text),
  };
}

export function unexpectedNull(name: string): Problem {
  return new Problem(`NULL came where ${name} was declared: declare it nullable.`, {
    code: 'postgres.unexpected_null',
    kind: 'internal',
  });
}

function badInput(type: string): Problem {
  return new Problem(`A value does not fit the type ${type}.`, {
    code: 'postgres.bad_input',
    kind: 'invalid',
    context: { type },
  });
}

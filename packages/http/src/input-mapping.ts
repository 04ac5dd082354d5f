import type { HttpMapping, Operation } from '@plinth/contract';
import { Problem } from '@plinth/core';

import type { HttpLimits } from './config.ts';
import { coerce, readQuery, scalarOf } from './query-text.ts';
import { fieldsOf, type Shape } from './schema-facts.ts';
import { refuseUnknownKeys } from './unknown-keys.ts';

type Input = Record<string, unknown>;

/** What a request carries besides its headers. */
export interface Parts {
  readonly params: Readonly<Record<string, string>>;
  /** Without its question mark. */
  readonly query: string;
  readonly body: unknown;
}

/** Turns a request into the operation's flat input. */
export interface InputMapping {
  /** @throws {Problem} kind `invalid` for what has no place in the input. */
  read(parts: Parts): Input;
  /** True where the input's version may come from If-Match. */
  readonly hasVersion: boolean;
}

/** Set by the chassis, never by the client. */
const uploadFields = ['blob'];
/** Which representation a stream takes: not the operation's business. */
const formatShape: Shape = { type: 'leaf', scalar: 'string' };

/** @throws {TypeError} for an input that a query cannot carry. */
export function createInputMapping(
  operation: Operation,
  http: HttpMapping,
  { place, limits }: { readonly place: string; readonly limits: HttpLimits },
): InputMapping {
  const all = fieldsOf(operation.input, place);
  const inPath = [...http.path.matchAll(/:(\w+)/gu)].map(([, name = '']) => name);
  for (const name of inPath) {
    if (!all.has(name)) throw new TypeError(`${place}: ${name} of the path is no field`);
  }
  const hidden = new Set([
    ...inPath,
    ...(http.ifMatch === undefined ? [] : ['version']),
    ...(http.upload === undefined ? [] : uploadFields),
  ]);
  const rest = new Map([...all].filter(([name]) => !hidden.has(name)));
  const asQuery = http.method === 'GET' || http.upload !== undefined;
  if (asQuery) checkQueryFields(rest, place);
  const queryFields = asQuery ? rest : new Map<string, Shape>();
  if (operation.type === 'stream') queryFields.set('format', formatShape);
  const body: Shape = { type: 'object', fields: asQuery ? new Map() : rest };
  const params = inPath.map((name) => [name, scalarOf(all.get(name) ?? formatShape)] as const);

  return {
    hasVersion: all.has('version') && http.method !== 'GET',
    read(parts) {
      const input: Input = {};
      for (const [name, scalar] of params) input[name] = coerce(parts.params[name] ?? '', scalar);
      readQuery(input, parts.query, queryFields, limits.queryFieldsMax);
      if (parts.body === undefined || parts.body === null) return input;
      if (typeof parts.body !== 'object' || Array.isArray(parts.body)) {
        throw new Problem('The body is a JSON object.', {
          code: 'http.bad_body',
          kind: 'invalid',
        });
      }
      refuseUnknownKeys(parts.body, body, limits);
      return Object.assign(input, parts.body);
    },
  };
}

function checkQueryFields(fields: ReadonlyMap<string, Shape>, place: string): void {
  for (const [name, shape] of fields) {
    const inner = shape.type === 'array' ? shape.element : shape;
    if (inner.type !== 'leaf') throw new TypeError(`${place}: a query cannot carry ${name}`);
  }
}

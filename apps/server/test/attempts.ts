import type { Operation } from '@plinth/contract';
import { z } from '@plinth/core/z';

import type { Product } from '../src/modules.ts';

/** One operation as an HTTP call, with its input made up from its schema. */
export interface Attempt {
  readonly name: string;
  readonly permission: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly isUpload: boolean;
}

type Modules = Product['modules'];
interface Schema {
  readonly [key: string]: unknown;
}

const idPattern = '[0-9a-f]{8}-';

/** Every operation that http serves, each `id` of its input filled with the given one. */
export function attemptsWith(modules: Modules, id: string): Attempt[] {
  return modules.flatMap(({ module }) =>
    Object.entries(module.operations).flatMap(([name, operation]) => {
      const attempt = toAttempt(`${module.name}.${name}`, operation, id);
      return attempt === undefined ? [] : [attempt];
    }),
  );
}

function toAttempt(name: string, operation: Operation, id: string): Attempt | undefined {
  const { http, input, permission } = operation;
  if (http === undefined) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON Schema is an object
  const schema = z.toJSONSchema(input, { io: 'input' }) as Schema;
  const fields = new Map(Object.entries(Object(makeUp(schema, id))));
  const path = http.path.replaceAll(/:(\w+)/gu, (_whole, field: string) => {
    const value = fields.get(field);
    const text = typeof value === 'string' ? value : id;
    fields.delete(field);
    return encodeURIComponent(text);
  });
  const isGet = http.method === 'GET';
  return {
    name,
    permission,
    method: http.method,
    path: `/v1${path}${isGet ? toQuery(fields) : ''}`,
    body: isGet ? undefined : Object.fromEntries(fields),
    isUpload: http.upload !== undefined,
  };
}

function toQuery(fields: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of fields) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The smallest value that fits: required fields, and every optional one that takes an id. */
function makeUp(schema: Schema, id: string): unknown {
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const choices = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(choices)) return makeUp(asSchema(choices[0]), id);
  return makers[textOf(schema['type'])]?.(schema, id) ?? null;
}

const makeNumber = (schema: Schema) => Math.max(1, Number(schema['minimum'] ?? 1));
const makers: Readonly<Record<string, (schema: Schema, id: string) => unknown>> = {
  object: makeUpObject,
  array(schema, id) {
    const count = Math.max(Number(schema['minItems'] ?? 0), takesId(schema) ? 1 : 0);
    return Array.from({ length: count }, () => makeUp(asSchema(schema['items']), id));
  },
  integer: makeNumber,
  number: makeNumber,
  boolean: () => true,
  string: makeUpText,
};

function makeUpObject(schema: Schema, id: string): Record<string, unknown> {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const properties = Object.entries(Object(schema['properties'] ?? {}));
  return Object.fromEntries(
    properties
      .filter(([name, part]) => required.has(name) || takesId(asSchema(part)))
      .map(([name, part]) => [name, makeUp(asSchema(part), id)]),
  );
}

function takesId(schema: Schema): boolean {
  return JSON.stringify(schema).includes(idPattern);
}

const byFormat: Readonly<Record<string, string>> = {
  date: '2026-11-23',
  'date-time': '2027-11-23T00:00:00Z',
  email: 'somebody@example.com',
};

function makeUpText(schema: Schema, id: string): string {
  const pattern = textOf(schema['pattern']);
  if (pattern.includes(idPattern)) return id;
  const formatted = byFormat[textOf(schema['format'])];
  if (formatted !== undefined) return formatted;
  const samples = [
    'EUR',
    'DE',
    '1',
    'a-key',
    'ABCDEFGHIJKL',
    '0'.repeat(64),
    '123456',
    'Europe/Berlin',
  ];
  const fits = (text: string) => pattern === '' || new RegExp(pattern, 'u').test(text);
  const long = 'x'.repeat(Math.max(3, Number(schema['minLength'] ?? 3)));
  return [...(pattern === '' ? [] : samples), long].find(fits) ?? long;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a part of a JSON Schema is one
const asSchema = (part: unknown): Schema => part as Schema;

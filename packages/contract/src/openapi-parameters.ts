import type { Json } from '@plinth/core';

import type { HttpMapping } from './http-mapping.ts';

export type JsonObject = { readonly [key: string]: Json };

/** An operation's flat input, sorted by where HTTP carries each field. */
export interface Fields {
  readonly path: JsonObject;
  readonly query: JsonObject;
  readonly requiredQuery: readonly string[];
  readonly body: JsonObject;
  readonly requiredBody: readonly string[];
}

/** Set by the server from the upload itself. */
const uploadFields = new Set(['blob']);

export function fieldsOf(http: HttpMapping, schema: JsonObject): Fields {
  const properties = Object.entries(asObject(schema['properties']));
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const inPath = new Set([...http.path.matchAll(/:(\w+)/gu)].map(([, name = '']) => name));
  const rest = properties.filter(
    ([name]) =>
      !inPath.has(name) &&
      !(http.ifMatch !== undefined && name === 'version') &&
      !(http.upload !== undefined && uploadFields.has(name)),
  );
  const needed = rest.flatMap(([name]) => (required.has(name) ? [name] : []));
  const asQuery = http.method === 'GET' || http.upload !== undefined;
  return {
    path: Object.fromEntries(properties.filter(([name]) => inPath.has(name))),
    query: asQuery ? Object.fromEntries(rest) : {},
    requiredQuery: asQuery ? needed : [],
    body: asQuery ? {} : Object.fromEntries(rest),
    requiredBody: asQuery ? [] : needed,
  };
}

export function parametersOf(http: HttpMapping, fields: Fields): JsonObject[] {
  const list: JsonObject[] = [
    ...Object.entries(fields.path).map(([name, schema]) => ({
      name,
      in: 'path',
      required: true,
      schema,
    })),
    ...Object.entries(fields.query).map(([name, schema]) => ({
      name,
      in: 'query',
      required: fields.requiredQuery.includes(name),
      schema,
      ...(isArray(schema) ? { style: 'form', explode: true } : {}),
    })),
  ];
  const header = (name: string, required: boolean, description: string) =>
    list.push({ name, in: 'header', required, description, schema: { type: 'string' } });
  if (http.ifMatch !== undefined) {
    header('If-Match', true, 'The version that the change is made to: the ETag, or its last part.');
  }
  if (http.etag !== undefined && http.etag !== 'none') {
    header('If-None-Match', false, 'Answers 304 where the tag is still the same.');
  }
  if (http.idempotency !== undefined) {
    header(
      'Idempotency-Key',
      http.idempotency === 'required',
      'At most 255 characters, kept for 24 h: a repeated call answers what the first one did.',
    );
  }
  return list;
}

function isArray(schema: Json): boolean {
  return isObject(schema) && schema['type'] === 'array';
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: Json | undefined): JsonObject {
  if (value === undefined) return {};
  if (isObject(value)) return value;
  throw new TypeError('An input over HTTP is an object.');
}

import type { Json, Kind } from '@plinth/core';
import { z } from '@plinth/core/z';

import type { Module, Operation } from './contract.ts';
import type { HttpMapping } from './http-mapping.ts';
import { errorResponses, plainResponses, problemSchema } from './openapi-problems.ts';
import { fieldsOf, parametersOf, type Fields, type JsonObject } from './openapi-parameters.ts';

export interface OpenApiOptions {
  readonly title?: string;
  readonly version?: string;
}

/** One operation that HTTP reaches, with its place. */
interface Routed {
  readonly module: Module;
  readonly name: string;
  readonly operation: Operation;
  readonly http: HttpMapping;
}

/**
 * OpenAPI 3.1 of all operations that HTTP reaches, as JSON text: the same bytes from the same contracts.
 *
 * Paths stand in the order of their text, components by `<Module><Operation>`, errors with the codes that
 * the contracts declare.
 */
export function renderOpenApi(modules: readonly Module[], options: OpenApiOptions = {}): string {
  const routed = modules
    .toSorted((a, b) => compare(a.name, b.name))
    .flatMap((module) =>
      Object.entries(module.operations).flatMap(([name, operation]) =>
        operation.http === undefined ? [] : [{ module, name, operation, http: operation.http }],
      ),
    )
    .toSorted((a, b) => compare(a.http.path, b.http.path));
  const paths: Record<string, Record<string, JsonObject>> = {};
  const schemas: Record<string, Json> = { Problem: problemSchema };
  for (const one of routed) {
    const path = `/v1${one.http.path.replaceAll(/:(\w+)/gu, '{$1}')}`;
    paths[path] = { ...paths[path], [one.http.method.toLowerCase()]: describe(one, schemas) };
  }
  const document = {
    openapi: '3.1.0',
    info: { title: options.title ?? 'Plinth', version: options.version ?? '1' },
    servers: [{ url: '/' }],
    tags: [...new Set(routed.map(({ module }) => module.name))].map((name) => ({ name })),
    security: [{ session: [] }, { apiKey: [] }],
    paths,
    components: {
      responses: plainResponses,
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => compare(a, b))),
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'plk_…: made in the settings.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-sid' },
      },
    },
  };
  return print(document);
}

/** Every code that the contracts declare, with its kind: what the pages under `/problems/` are made of. */
export function problemCodes(
  modules: readonly Module[],
): Map<string, { kind: Kind; by: string[] }> {
  const codes = new Map<string, { kind: Kind; by: string[] }>();
  for (const { name: module, operations } of modules) {
    for (const [name, { errors = {} }] of Object.entries(operations)) {
      for (const [code, kind] of Object.entries(errors)) {
        const known = codes.get(code) ?? { kind, by: [] };
        known.by.push(`${module}.${name}`);
        codes.set(code, known);
      }
    }
  }
  return codes;
}

function describe(one: Routed, schemas: Record<string, Json>): JsonObject {
  const { module, name, operation, http } = one;
  const fields = fieldsOf(http, toJson(operation.input, 'input'));
  const body = describeBody(one, fields, schemas);
  return {
    operationId: `${module.name}.${name}`,
    tags: [module.name],
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    'x-permission': operation.permission,
    ...(operation.permission === 'public' ? { security: [] } : {}),
    parameters: parametersOf(http, fields),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...describeSuccess(one, schemas), ...errorResponses(operation) },
  };
}

function describeBody(
  { module, name, http }: Routed,
  fields: Fields,
  schemas: Record<string, Json>,
): JsonObject | undefined {
  if (http.upload !== undefined) {
    const binary = { schema: { type: 'string', format: 'binary' } };
    const form = {
      schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
    };
    const types = http.upload.types.map((type): [string, JsonObject] => [type, binary]);
    return {
      required: true,
      content: { ...Object.fromEntries(types), 'multipart/form-data': form },
    };
  }
  if (http.method === 'GET' || Object.keys(fields.body).length === 0) return undefined;
  const component = `${capital(module.name)}${capital(name)}Body`;
  schemas[component] = {
    type: 'object',
    properties: fields.body,
    ...(fields.requiredBody.length === 0 ? {} : { required: fields.requiredBody }),
    additionalProperties: false,
  };
  return {
    required: fields.requiredBody.length > 0,
    content: { 'application/json': { schema: reference(component) } },
  };
}

function describeSuccess(
  { module, name, operation, http }: Routed,
  schemas: Record<string, Json>,
): JsonObject {
  const component = `${capital(module.name)}${capital(name)}`;
  const headers = {
    ...(http.etag === undefined || http.etag === 'none' ? {} : { ETag: textHeader }),
    ...(http.status === 201 ? { Location: textHeader } : {}),
  };
  const head = {
    description: http.status === 201 ? 'Created' : 'Done',
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
  if (operation.type === 'stream') {
    schemas[component] = toJson(operation.item, 'output');
    const media = { ndjson: 'application/x-ndjson', csv: 'text/csv' };
    const content = (http.formats ?? ['ndjson']).map((format): [string, JsonObject] => [
      media[format],
      { schema: format === 'csv' ? { type: 'string' } : reference(component) },
    ]);
    return { 200: { ...head, content: Object.fromEntries(content) } };
  }
  if (http.status === 204) return { 204: head };
  schemas[component] = withoutCookie(http, toJson(operation.output, 'output'));
  const content = { 'application/json': { schema: reference(component) } };
  return {
    [String(http.status ?? 200)]: { ...head, content },
    ...(http.etag === undefined || http.etag === 'none'
      ? {}
      : { 304: { description: 'Not changed' } }),
  };
}

const textHeader = { schema: { type: 'string' } };

/** The cookie leaves as Set-Cookie, not in the body. */
function withoutCookie(http: HttpMapping, schema: JsonObject): JsonObject {
  if (http.session === undefined) return schema;
  const { cookie: _, ...properties } = asObject(schema['properties']);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return { ...schema, properties, required: required.filter((name) => name !== 'cookie') };
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    // A date's format says it all; its pattern is 200 characters.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a JSON schema is JSON
  return rest as unknown as JsonObject;
}

function asObject(value: Json | undefined): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object, as was asked just above
    return value as JsonObject;
  }
  throw new TypeError('An answer that makes a session is an object.');
}

/** Broken down to operations and components, each on a line of its own: a change is seen where it is. */
function print(value: unknown, depth = 0): string {
  const isBroken = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isBroken || depth === 3) return JSON.stringify(value);
  const indent = ' '.repeat(depth);
  const lines = Object.entries(value).map(
    ([key, part]) => `${indent} ${JSON.stringify(key)}: ${print(part, depth + 1)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}${depth === 0 ? '\n' : ''}`;
}

const reference = (component: string): JsonObject => ({
  $ref: `#/components/schemas/${component}`,
});
const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
/** By code units: the same order on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

import { kindTable, type Json, type Kind } from '@plinth/core';

import type { Operation } from './contract.ts';
import type { JsonObject } from './openapi-parameters.ts';

/** RFC 9457, with what is ours. */
export const problemSchema: Json = {
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', format: 'uri' },
    code: { type: 'string' },
    kind: { type: 'string', enum: Object.keys(kindTable) },
    context: { type: 'object' },
    fields: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
        },
        required: ['pointer', 'code', 'message'],
      },
    },
    retryAfterMs: { type: 'integer' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'kind'],
};

/** What every operation can answer, beyond what it declares. */
const everywhere: readonly Kind[] = [
  'invalid',
  'rateLimited',
  'internal',
  'unavailable',
  'timeout',
];
const signedIn: readonly Kind[] = ['unauthenticated', 'forbidden'];

/** By status: the codes that the contract declares for it, in the order of their text. */
export function errorResponses({ permission, errors = {}, http }: Operation): JsonObject {
  const codes = new Map<number, string[]>();
  const add = (kind: Kind, code?: string) => {
    const { status } = kindTable[kind];
    codes.set(status, [...(codes.get(status) ?? []), ...(code === undefined ? [] : [code])]);
  };
  for (const kind of everywhere) add(kind);
  if (permission !== 'public') for (const kind of signedIn) add(kind);
  if (http?.ifMatch !== undefined) {
    add('stale');
    add('needsVersion', 'http.version_required');
  }
  if (http?.idempotency !== undefined) {
    add('conflict', 'http.idempotency_busy');
    add('unprocessable', 'http.idempotency_reused');
  }
  if (http?.upload !== undefined) {
    add('tooLarge', 'http.body_too_large');
    add('unsupported', 'http.unsupported_type');
  }
  for (const [code, kind] of Object.entries(errors)) add(kind, code);
  const responses = [...codes]
    .toSorted(([a], [b]) => a - b)
    .map(([status, list]): [string, JsonObject] => [
      String(status),
      list.length === 0 ? { $ref: `#/components/responses/P${status}` } : response(status, list),
    ]);
  return Object.fromEntries(responses);
}

/** The responses that need no codes of their own. */
export const plainResponses: JsonObject = Object.fromEntries(
  [...new Set(Object.values(kindTable).map(({ status }) => status))].map((status) => [
    `P${status}`,
    response(status, []),
  ]),
);

function response(status: number, codes: readonly string[]): JsonObject {
  const row = Object.values(kindTable).find((one) => one.status === status);
  const named = codes.length === 0 ? '' : `: ${codes.toSorted().join(', ')}`;
  return {
    description: `${row?.title ?? 'Problem'}${named}`,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

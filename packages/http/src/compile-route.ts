import type { HttpMapping, Operation } from '@plinth/contract';
import { Problem, type Ctx } from '@plinth/core';
import { z } from '@plinth/core/z';

import type { Failure } from './answer.ts';
import { cacheControl, isPublic, publicMissCacheControl, tenantVary } from './cache-presets.ts';
import type { Chassis } from './chassis.ts';
import { rowTagOf, schemaHash } from './etag.ts';
import type { Place } from './exchange.ts';
import { createInputMapping, type InputMapping } from './input-mapping.ts';
import type { HeaderList } from './security-headers.ts';

export type Call = (ctx: Ctx, input: unknown) => unknown;

/**
 * The version of the row that a query would answer with, where a cache holds it and this client may be given it;
 * undefined: run the query. The input is not checked yet.
 */
export type KeptVersion = (
  ctx: Ctx,
  input: Readonly<Record<string, unknown>>,
) => Promise<string | undefined>;

/** One operation as HTTP reaches it, with all that can be known before the first request. */
export interface OperationRoute {
  readonly place: Place;
  readonly operation: Operation;
  readonly http: HttpMapping;
  readonly mapping: InputMapping;
  /** On every success, Content-Type included. */
  readonly head: HeaderList;
  readonly head304: HeaderList;
  readonly representation: string;
  readonly timeoutMs: number;
  readonly call: Call;
  /** Of a query with rows' tags: answers 304 without running it. */
  readonly keptVersion: KeptVersion | undefined;
}

interface Bound {
  readonly name: string;
  readonly http: HttpMapping;
  readonly call: Call;
  readonly keptVersion?: KeptVersion | undefined;
}

const timeoutMs = { command: 15_000, stream: 900_000 } as const;

/** @throws {TypeError} for a mapping that could not be answered right. */
export function compileRoute(
  chassis: Pick<Chassis, 'answers' | 'measures' | 'limits' | 'deadlineMs'>,
  operation: Operation,
  { name, http, call, keptVersion }: Bound,
): OperationRoute {
  checkMapping(operation, http, name);
  const isRowRead = http.method === 'GET' && http.etag === 'row';
  if (keptVersion !== undefined && !isRowRead) throw new TypeError(`${name} has no row’s tag.`);
  const preset = http.cache ?? 'tenant';
  const caching = [
    'cache-control',
    cacheControl[preset],
    ...(isPublic(preset) ? [] : ['vary', tenantVary]),
  ];
  const output = operation.type === 'stream' ? operation.item : operation.output;
  return {
    operation,
    http,
    call,
    keptVersion,
    place: chassis.measures.place(`/v1${http.path}`, name),
    mapping: createInputMapping(operation, http, { place: name, limits: chassis.limits }),
    head: [...chassis.answers.common, ...caching, 'content-type', 'application/json'],
    head304: [...chassis.answers.common, ...caching],
    representation: schemaHash(z.toJSONSchema(output)),
    timeoutMs:
      operation.deadline ??
      (operation.type === 'query' ? chassis.deadlineMs : timeoutMs[operation.type]),
  };
}

function checkMapping({ permission, type }: Operation, http: HttpMapping, name: string): void {
  const refuse = (why: string) => {
    throw new TypeError(`${name}: ${why}`);
  };
  const preset = http.cache ?? 'tenant';
  if (isPublic(preset) && (permission !== 'public' || type !== 'query')) {
    refuse(`only a public query may be cached as ${preset}`);
  }
  if (http.session === true && (isPublic(preset) || http.idempotency !== undefined)) {
    refuse('an answer with a session’s cookie is neither cached nor kept under a key');
  }
  if (permission === 'public' && http.idempotency === 'required') {
    refuse('nobody in particular has no keys');
  }
}

/** What a failure of this route carries: the present version's tag, and how long a public miss may be kept. */
export function failureOf({ http, representation }: OperationRoute, error: unknown): Failure {
  if (!(error instanceof Problem)) return {};
  const current = error.kind === 'stale' ? error.context?.['current'] : undefined;
  const isMiss = http.cache === 'publicApi' && ['notFound', 'gone'].includes(error.kind);
  return {
    ...(typeof current === 'string'
      ? { headers: ['etag', rowTagOf(representation, current)] }
      : {}),
    ...(isMiss ? { cacheControl: publicMissCacheControl } : {}),
  };
}

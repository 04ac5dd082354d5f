import { offerUnitOfWork, parseInput } from '@plinth/contract/local';
import { Problem, type Ctx } from '@plinth/core';

import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Chassis } from './chassis.ts';
import type { OperationRoute } from './compile-route.ts';
import { deviceCookie, sessionCookie } from './cookies.ts';
import { bodyTag, matchesNone, readIfMatch, rowTagOf } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { checkKey, fingerprintOf } from './idempotency.ts';
import type { Parts } from './input-mapping.ts';
import { createContext } from './request-context.ts';

/** A query or a command, from the request to its answer. */
export async function runOperation(
  chassis: Chassis,
  route: OperationRoute,
  exchange: Exchange,
  parts: Parts,
): Promise<void> {
  const admitted = chassis.gate.admit(exchange, route.operation.permission);
  const caller = admitted instanceof Promise ? await admitted : admitted;
  const input = route.mapping.read(parts);
  const ctx = contextOf(chassis, route, exchange, caller);
  // Most requests are plain: they pay for no key, no version and no session.
  const answer = isPlain(route)
    ? await plainAnswer(route, exchange, { ctx, input })
    : await answerOf(chassis, route, exchange, { ctx, input });
  const headers = [
    ...(answer.status === 304 ? route.head304 : route.head),
    ...(exchange.isPeerTrusted && caller.tenant !== 'none' ? ['plinth-tenant', caller.tenant] : []),
    ...answer.headers,
  ];
  chassis.compressor.send(exchange, { ...answer, headers }, route.http.cache === 'sensitive');
}

function isPlain({ http, mapping }: OperationRoute): boolean {
  return http.idempotency === undefined && http.session === undefined && !mapping.hasVersion;
}

export function contextOf(
  chassis: Chassis,
  route: Pick<OperationRoute, 'timeoutMs' | 'http'>,
  exchange: Exchange,
  caller: Caller,
): Ctx {
  const { head, isPeerTrusted } = exchange;
  const toldMs = isPeerTrusted && head.deadlineMs !== '' ? Number(head.deadlineMs) : Infinity;
  exchange.deadlineMs = chassis.clock.mono() + Math.min(route.timeoutMs, toldMs || 0);
  const device = route.http.session === true ? chassis.callers.device(head) : undefined;
  return createContext(chassis, exchange, caller, device);
}

async function plainAnswer(
  route: OperationRoute,
  exchange: Exchange,
  { ctx, input }: Work,
): Promise<Answer> {
  const { keptVersion, representation } = route;
  const { ifNoneMatch } = exchange.head;
  if (keptVersion !== undefined && ifNoneMatch !== '') {
    const version = await keptVersion(ctx, input);
    const tag = version === undefined ? undefined : rowTagOf(representation, version);
    if (tag !== undefined && matchesNone(ifNoneMatch, tag)) {
      return { status: 304, headers: ['etag', tag] };
    }
  }
  return toAnswer(route, exchange, asFields(await route.call(ctx, input)));
}

interface Work {
  readonly ctx: Ctx;
  readonly input: Record<string, unknown>;
}

async function answerOf(
  chassis: Chassis,
  route: OperationRoute,
  exchange: Exchange,
  work: Work,
): Promise<Answer> {
  const { http, operation } = route;
  const { idempotencyKey, ifMatch } = exchange.head;
  const versions = versionsOf(route, ifMatch);
  if (http.idempotency === 'required' && idempotencyKey === '') throw keyMissing();
  const runAll = (inside: Ctx) =>
    runVersions(chassis, route, exchange, {
      ctx: inside,
      input: work.input,
      versions,
    });
  const { tenant, actor } = work.ctx;
  // Who is in no tenant has no place to keep an answer in.
  if (http.idempotency === undefined || idempotencyKey === '' || tenant === 'none') {
    return runAll(work.ctx);
  }
  checkKey(idempotencyKey);
  // Before the transaction: a bad input costs none.
  parseInput(route.place.operation, operation.input, work.input);
  return chassis.idempotency.once(
    work.ctx,
    {
      tenant,
      actor: actor.id,
      operation: route.place.operation,
      key: idempotencyKey,
      fingerprint: fingerprintOf(route.place.operation, work.input),
    },
    runAll,
  );
}

/** Several tags in If-Match: the one that is current wins, and the others changed nothing. */
async function runVersions(
  chassis: Chassis,
  route: OperationRoute,
  exchange: Exchange,
  { ctx, input, versions }: Work & { readonly versions: readonly (string | undefined)[] },
): Promise<Answer> {
  for (const [index, version] of versions.entries()) {
    const whole = version === undefined ? input : { ...input, version };
    if (typeof ctx.unitOfWork === 'object' && ctx.unitOfWork !== null) {
      offerUnitOfWork(ctx.unitOfWork);
    }
    try {
      const output = await route.call(ctx, whole);
      return await withSession(chassis, route, exchange, asFields(output));
    } catch (error) {
      const isLast = index === versions.length - 1;
      if (isLast || !(error instanceof Problem) || error.kind !== 'stale') throw error;
    }
  }
  throw new TypeError('If-Match has at least one tag.');
}

/** @throws {Problem} `http.version_required`, `http.bad_if_match` */
function versionsOf(
  { http, mapping }: OperationRoute,
  ifMatch: string,
): readonly (string | undefined)[] {
  if (ifMatch === '') {
    if (http.ifMatch === undefined) return [undefined];
    throw new Problem('If-Match says which version is to be changed.', {
      code: 'http.version_required',
      kind: 'needsVersion',
    });
  }
  if (!mapping.hasVersion) return [undefined];
  const precondition = readIfMatch(ifMatch);
  if (precondition === undefined) {
    throw new Problem('If-Match is * or up to eight of our tags.', {
      code: 'http.bad_if_match',
      kind: 'invalid',
    });
  }
  return precondition.type === 'any' ? [undefined] : precondition.versions;
}

function keyMissing(): Problem {
  return new Problem('This command needs an Idempotency-Key.', {
    code: 'http.idempotency_key_required',
    kind: 'invalid',
  });
}

/** The cookie leaves in the head, and not in the body. */
async function withSession(
  chassis: Chassis,
  route: OperationRoute,
  exchange: Exchange,
  fields: Fields,
): Promise<Answer> {
  if (route.http.session !== true) return toAnswer(route, exchange, fields);
  const { cookie, ...rest } = fields;
  const cookies = await cookiesOf(chassis, cookie);
  const answer = toAnswer(route, exchange, rest);
  return { ...answer, headers: [...answer.headers, ...cookies] };
}

function toAnswer(route: OperationRoute, exchange: Exchange, fields: Fields): Answer {
  const { http } = route;
  const headers: string[] = [];
  const { request, head } = exchange;
  const reads = http.method === 'GET';
  const status = http.status ?? 200;
  if (status === 201 && typeof fields['id'] === 'string') {
    const path = (request.url ?? '').replace(/\?.*$/u, '');
    headers.push('location', `${path}/${fields['id']}`);
  }
  const body = status === 204 ? undefined : serialise(route, fields);
  const tag = tagOf(route, fields, body);
  if (tag !== undefined) {
    headers.push('etag', tag);
    if (reads && head.ifNoneMatch !== '' && matchesNone(head.ifNoneMatch, tag)) {
      return { status: 304, headers };
    }
  }
  return { status, headers, ...(body === undefined ? {} : { body }) };
}

function tagOf(
  { http, representation }: OperationRoute,
  fields: Fields,
  body: string | undefined,
): string | undefined {
  const { etag = 'none', method } = http;
  const version = fields['version'];
  if (typeof version === 'string' && (etag === 'row' || method !== 'GET')) {
    return rowTagOf(representation, version);
  }
  return (etag === 'body' || etag === 'cache') && body !== undefined ? bodyTag(body) : undefined;
}

/** @throws {Problem} `http.bad_output`: nothing of it leaves. */
function serialise({ place }: OperationRoute, fields: unknown): string {
  try {
    return JSON.stringify(fields);
  } catch (error) {
    throw new Problem(`The answer of ${place.operation} is no JSON.`, {
      code: 'http.bad_output',
      kind: 'internal',
      cause: error,
    });
  }
}

async function cookiesOf(
  { cookies, sessions, keys, sessionMaxAgeS, newId }: Chassis,
  cookie: unknown,
): Promise<readonly string[]> {
  const value = typeof cookie === 'string' ? cookie : null;
  if (value === null && cookie !== null) return [];
  const headers = ['set-cookie', sessionCookie(cookies, value, sessionMaxAgeS)];
  const session =
    value === null ? undefined : (sessions.peek(value) ?? (await sessions.read(value)));
  if (session === undefined) return headers;
  const token = keys.sign('token', Buffer.from(`${session.user}.${newId()}`));
  return [...headers, 'set-cookie', deviceCookie(cookies, token)];
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(output: unknown): Fields {
  if (typeof output === 'object' && output !== null && !Array.isArray(output)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object, as was asked just above
    return output as Fields;
  }
  throw new Problem('An answer over HTTP is an object.', {
    code: 'http.bad_output',
    kind: 'internal',
  });
}

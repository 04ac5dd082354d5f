import type { Span } from '@plinth/core';

import type { CallContext } from '../options.ts';
import type { HttpRequest } from './exchange.ts';

/** Taken off what is left, for the way there. */
const travelMs = 5;
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether the same request twice does what it does once (RFC 9110, 9.2.2), or says so. */
export function isIdempotent(request: HttpRequest): boolean {
  const isKeyed = request.idempotencyKey !== undefined || request.idempotent === true;
  return repeatable.has(request.method) || isKeyed;
}

export function targetOf(basePath: string, { path, query }: HttpRequest): string {
  if (query === undefined) return basePath + path;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, String(value));
  return `${basePath}${path}?${search.toString()}`;
}

/** The headers of one attempt: what is left of the deadline, which attempt it is, and whose trace. */
export function headersOf(
  request: HttpRequest,
  context: CallContext,
  needs: { readonly own: Readonly<Record<string, string>>; readonly span: Span | undefined },
): Record<string, string> {
  const { ctx, json, idempotencyKey, once, headers } = request;
  const sent: Record<string, string> = { ...needs.own, ...headers };
  if (json !== undefined) sent['content-type'] = 'application/json';
  if (idempotencyKey !== undefined) sent['idempotency-key'] = idempotencyKey;
  if (context.deadline < Infinity)
    sent['plinth-deadline-ms'] = String(Math.max(1, Math.floor(context.remainingMs() - travelMs)));
  if (context.attempt > 1) sent['plinth-attempt'] = String(context.attempt);
  if (once === true) sent['plinth-no-retry'] = '1';
  const trace = traceOf(ctx?.traceparent, needs.span);
  if (trace !== undefined) sent['traceparent'] = trace;
  return sent;
}

/** W3C Trace Context, with the call's own span as the parent. */
function traceOf(traceparent: string | undefined, span: Span | undefined): string | undefined {
  if (traceparent === undefined) return undefined;
  if (span === undefined || /^0+$/u.test(span.spanId)) return traceparent;
  return `00-${span.traceId}-${span.spanId}-${traceparent.slice(-2)}`;
}

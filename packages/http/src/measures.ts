import type { BoundHistogram, Clock, Histogram, Log, Meter } from '@plinth/core';

import type { Admission } from './admission.ts';
import type { Exchange, Place } from './exchange.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '_OTHER'];
const rejections = ['shed', 'rate_limit', 'body_too_large', 'timeout', 'draining'] as const;
type Rejection = (typeof rejections)[number];

/** What is counted of requests, under the names of telemetry's catalogue. */
export interface Measures {
  /** One line and one observation a request, at its end. */
  finish(exchange: Exchange, status: number): void;
  reject(reason: Rejection): void;
  /** For a path that no route has: they share one label. */
  readonly unmatched: Place;
  place(pattern: string, operation: string): Place;
}

export function createMeasures(needs: {
  meter: Meter;
  log: Log;
  clock: Clock;
  admission: Pick<Admission, 'inFlight'>;
}): Measures {
  const { meter, log, clock, admission } = needs;
  const durations = meter.histogram({
    name: 'http_server_request_duration_seconds',
    help: 'From the head of a request to the last byte of its answer.',
    unit: 's',
    labels: {
      http_request_method: { oneOf: methods },
      http_route: { declared: true },
      http_response_status_code: { atMost: 40 },
    },
    cap: 2_000,
  });
  const rejected = meter.counter({
    name: 'plinth_http_rejected_total',
    help: 'Requests that were refused before an operation saw them.',
    unit: '{request}',
    labels: { reason: { oneOf: rejections } },
  });
  meter.observable(
    {
      name: 'http_server_active_requests',
      help: 'Requests in flight, open streams left out.',
      unit: '{request}',
      labels: { http_request_method: { oneOf: ['_all'] } },
    },
    (set) => set(admission.inFlight, { http_request_method: '_all' }),
  );

  const unmatched = createPlace('unmatched', '');
  return {
    unmatched,
    place: createPlace,
    reject: (reason) => rejected.add(1, { reason }),
    finish(exchange, status) {
      const { request, span, startedMs } = exchange;
      const at = exchange.place ?? unmatched;
      const ms = clock.mono() - startedMs;
      if (!exchange.isStream) {
        observerOf(durations, at, { method: request.method ?? '_OTHER', status }).observe(
          ms / 1_000,
          span.traceId,
        );
      }
      span.attribute('http.route', `${request.method ?? ''} ${at.pattern}`);
      span.attribute('http.status', status);
      span.end(status >= 500 ? 'error' : status >= 400 ? 'problem' : 'ok');
      writeLine(log, exchange, { status, ms, at });
    },
  };
}

function createPlace(pattern: string, operation: string): Place {
  return { pattern, operation, observers: new Map() };
}

function observerOf(
  durations: Histogram,
  { observers, pattern }: Place,
  { method, status }: { readonly method: string; readonly status: number },
): BoundHistogram {
  const slot = method + String(status);
  const known = observers.get(slot);
  if (known !== undefined) return known;
  const bound = durations.bind({
    http_request_method: method,
    http_route: pattern,
    http_response_status_code: String(status),
  });
  observers.set(slot, bound);
  return bound;
}

function writeLine(
  log: Log,
  exchange: Exchange,
  { status, ms, at }: { readonly status: number; readonly ms: number; readonly at: Place },
): void {
  const { problem, caller } = exchange;
  const fields = {
    reqId: exchange.reqId,
    traceId: exchange.span.traceId,
    method: exchange.request.method,
    route: at.pattern,
    op: at.operation,
    status,
    ms: Math.round(ms * 100) / 100,
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    ip: exchange.ip,
    ...(caller === undefined ? {} : { tenant: caller.tenant, user: caller.actor.id }),
    ...(problem === undefined ? {} : { code: problem.code }),
  };
  if (problem?.kind === 'internal') log.error('http.request', problem, fields);
  else if (status >= 500) log.warn('http.request', fields);
  else log.info('http.request', fields);
}

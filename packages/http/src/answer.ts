import { Problem } from '@plinth/core';

import { errorCacheControl } from './cache-presets.ts';
import type { CookieNames } from './cookies.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './head-rules.ts';
import type { HeaderList } from './security-headers.ts';

export interface Answer {
  readonly status: number;
  /** Without Content-Length; not changed. */
  readonly headers: HeaderList;
  readonly body?: string | Buffer;
}

/** What an answer to a failure carries besides its body. */
export interface Failure {
  readonly headers?: HeaderList;
  /** Default `no-store`. */
  readonly cacheControl?: string;
}

/** Writes answers with the headers that stand on all of them. */
export interface Answers {
  readonly common: HeaderList;
  /** Nothing happens where an answer has begun or the client went away. */
  send(exchange: Exchange, answer: Answer): void;
  problem(exchange: Exchange, error: unknown, failure?: Failure): void;
  /** A fault of the protocol: it has no kind of Problem. */
  fault(exchange: Exchange, fault: Fault, headers?: HeaderList): void;
}

/** @param isDraining from then on each answer closes its connection. */
export function createAnswers(
  common: HeaderList,
  cookies: CookieNames,
  isDraining: () => boolean,
): Answers {
  const problemHead = [...common, 'content-type', 'application/problem+json', 'cache-control'];

  function send(exchange: Exchange, { status, headers, body }: Answer): void {
    const { response } = exchange;
    if (response.headersSent || response.destroyed) return;
    const list = headers.concat(positionOf(exchange, cookies));
    if (body !== undefined) {
      const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
      exchange.bytesOut = bytes;
      list.push('content-length', String(bytes));
    } else if (status !== 204 && status !== 304) {
      list.push('content-length', '0');
    }
    if (isDraining() || isUnread(exchange)) list.push('connection', 'close');
    exchange.step = 'sent';
    response.writeHead(status, list);
    if (body === undefined || exchange.request.method === 'HEAD') response.end();
    else response.end(body);
  }

  function problem(exchange: Exchange, error: unknown, failure: Failure = {}): void {
    const known = asDeadline(exchange, Problem.from(error));
    exchange.problem = known;
    const body = JSON.stringify(known.toWire('public', exchange.reqId));
    const cacheControl = failure.cacheControl ?? errorCacheControl;
    const list = [...problemHead, cacheControl, ...(failure.headers ?? [])];
    if (known.retryAfterMs !== undefined) {
      list.push('retry-after', String(Math.max(1, Math.ceil(known.retryAfterMs / 1_000))));
    }
    // Nothing is sent to who went away; the status is for the log.
    if (known.kind === 'cancelled') exchange.response.destroy();
    else send(exchange, { status: known.status, headers: list, body });
  }

  return {
    common,
    send,
    problem,
    fault(exchange, fault, headers = []) {
      const list = [...problemHead, errorCacheControl, ...headers];
      if (fault.close) list.push('connection', 'close');
      send(exchange, {
        status: fault.status,
        headers: list,
        body: faultBody(fault, exchange.reqId),
      });
    },
  };
}

/** Nothing where the answer tells its client nothing of the database. */
function positionOf({ position }: Exchange, cookies: CookieNames): HeaderList {
  return position?.headers(cookies) ?? [];
}

/** A body that nobody will read: what follows on this connection would be taken for a request. */
function isUnread({ request, head }: Exchange): boolean {
  return !request.complete && (head.contentLength !== '' || head.transferEncoding !== '');
}

/** The same shape as a Problem's, for a status that no Problem has. */
function faultBody({ status, code, detail }: Fault, reqId: string): string {
  return JSON.stringify({
    type: `/problems/${code}`,
    title: 'The request is not one that HTTP allows here',
    status,
    detail,
    instance: `urn:request:${reqId}`,
    code,
    kind: 'invalid',
  });
}

/** Whatever the handler said when its signal fired: the time was up. */
function asDeadline({ controller }: Exchange, problem: Problem): Problem {
  const { aborted, reason } = controller.signal;
  return aborted && reason instanceof Problem && reason.kind === 'timeout' ? reason : problem;
}

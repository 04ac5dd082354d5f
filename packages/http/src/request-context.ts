import type { ClientInfo, Clock, Ctx, Fields, Log } from '@plinth/core';
import type { PositionTokens } from '@plinth/postgres';

import type { Caller } from './caller.ts';
import type { CookieNames } from './cookies.ts';
import type { Exchange } from './exchange.ts';
import { RequestPosition } from './request-position.ts';

/** A child of the log that is made when something is first written to it: most requests write nothing. */
class RequestLog implements Log {
  readonly #parent: Log;
  readonly #fields: Fields;
  #own: Log | undefined;

  constructor(parent: Log, fields: Fields) {
    this.#parent = parent;
    this.#fields = fields;
  }

  get #log(): Log {
    this.#own ??= this.#parent.child(this.#fields);
    return this.#own;
  }

  debug(msg: string, fields?: Fields): void {
    this.#log.debug(msg, fields);
  }
  info(msg: string, fields?: Fields): void {
    this.#log.info(msg, fields);
  }
  warn(msg: string, fields?: Fields): void {
    this.#log.warn(msg, fields);
  }
  error(msg: string, error: unknown, fields?: Fields): void {
    this.#log.error(msg, error, fields);
  }
  fatal(msg: string, error: unknown, fields?: Fields): void {
    this.#log.fatal(msg, error, fields);
  }
  child(fields: Fields): Log {
    return this.#log.child(fields);
  }
}

interface Needs {
  readonly clock: Clock;
  readonly log: Log;
  readonly cookies: CookieNames;
  readonly positions: PositionTokens;
}

export function createContext(
  { clock, log, cookies, positions }: Needs,
  exchange: Exchange,
  caller: Caller,
  device?: string,
): Ctx {
  const { reqId, span } = exchange;
  const { traceId, spanId } = span;
  const position = new RequestPosition(exchange.head, cookies, positions);
  exchange.position = position;
  return {
    reqId,
    traceparent: `00-${traceId}-${spanId}-01`,
    tenant: caller.tenant,
    actor: caller.actor,
    client: clientOf(exchange, caller, device),
    deadline: exchange.deadlineMs,
    signal: exchange.controller.signal,
    position,
    span,
    clock,
    log: new RequestLog(log, { reqId, traceId, tenant: caller.tenant }),
  };
}

function clientOf(
  { ip, head }: Exchange,
  { session }: Caller,
  device: string | undefined,
): ClientInfo {
  return {
    ip,
    userAgent: head.userAgent,
    ...(session === undefined ? {} : { session: session.id }),
    ...(device === undefined ? {} : { device }),
  };
}

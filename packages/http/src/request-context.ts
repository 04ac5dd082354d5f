import type { ClientInfo, Clock, Ctx, Fields, Log, Position, PositionSession } from '@plinth/core';

import type { Caller } from './caller.ts';
import type { Exchange } from './exchange.ts';

/** What one request has seen and written. */
class RequestPosition implements PositionSession {
  readonly #positions = new Map<string, Position>();
  cache?: string;

  get(cluster?: string): Position | undefined {
    if (cluster !== undefined) return this.#positions.get(cluster);
    const [first] = this.#positions.values();
    return first;
  }

  advance(position: Position): void {
    const known = this.#positions.get(position.cluster);
    if (known === undefined || isBehind(known, position)) {
      this.#positions.set(position.cluster, position);
    }
  }
}

function isBehind(a: Position, b: Position): boolean {
  return a.timeline < b.timeline || (a.timeline === b.timeline && a.lsn < b.lsn);
}

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
}

export function createContext(
  { clock, log }: Needs,
  exchange: Exchange,
  caller: Caller,
  device?: string,
): Ctx {
  const { reqId, span } = exchange;
  const { traceId, spanId } = span;
  return {
    reqId,
    traceparent: `00-${traceId}-${spanId}-01`,
    tenant: caller.tenant,
    actor: caller.actor,
    client: clientOf(exchange, caller, device),
    deadline: exchange.deadlineMs,
    signal: exchange.controller.signal,
    position: new RequestPosition(),
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

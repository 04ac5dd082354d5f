import {
  createIds,
  noLog,
  noSpan,
  systemClock,
  type Actor,
  type Clock,
  type Ctx,
  type Log,
  type Position,
  type PositionSession,
} from '@plinth/core';

export interface CtxOptions {
  /** A tenant's id, or `'none'`, the default. */
  readonly tenant?: string;
  readonly permissions?: readonly string[];
  readonly actor?: Partial<Actor>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Milliseconds from now; default 60,000. */
  readonly withinMs?: number;
  readonly log?: Log;
  readonly unitOfWork?: unknown;
}

const withinMsDefault = 60_000;

/** A context as a request has one: of a user with these permissions, and no other. */
export function testCtx(options: CtxOptions = {}): Ctx {
  const { clock = systemClock, tenant = 'none', log = noLog } = options;
  const newId = createIds(clock);
  const traceId = newId().replaceAll('-', '');
  return {
    reqId: newId(),
    traceparent: `00-${traceId}-${traceId.slice(0, 16)}-00`,
    tenant,
    actor: {
      kind: 'user',
      id: newId(),
      permissions: new Set(options.permissions),
      ...options.actor,
    },
    deadline: clock.mono() + (options.withinMs ?? withinMsDefault),
    signal: options.signal ?? new AbortController().signal,
    position: createSession(),
    span: noSpan,
    clock,
    log,
    ...(options.unitOfWork === undefined ? {} : { unitOfWork: options.unitOfWork }),
  };
}

function createSession(): PositionSession {
  const newest = new Map<string, Position>();
  return {
    get: (cluster = 'main') => newest.get(cluster),
    advance(position) {
      const known = newest.get(position.cluster);
      const isOlder =
        known !== undefined &&
        (position.timeline < known.timeline ||
          (position.timeline === known.timeline && position.lsn <= known.lsn));
      if (!isOlder) newest.set(position.cluster, position);
    },
  };
}

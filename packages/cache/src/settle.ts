import type { Clock } from '@plinth/core';

import type { Landed, Request } from './flight.ts';
import type { Look } from './l1.ts';
import { late, orAborted, orLate } from './waits.ts';

const softTimeoutMsDefault = 200;

interface Grace {
  readonly clock: Clock;
  /** There is one already, or one may come to light. */
  readonly mayBeStale: boolean;
  /** A value that may stand in for a failing or slow factory. */
  grace(): Look | undefined;
  serve(look: Look): unknown;
}

/** What one reader gets of a flight. */
export function settle(
  landing: Promise<Landed>,
  signal: AbortSignal | undefined,
  { options }: Pick<Request, 'options'>,
  how: Grace,
): Promise<unknown> {
  const isPlain = !options.failSafe && signal === undefined;
  if (isPlain) return landing.then((landed) => landed.give());
  return settleEarly(landing, signal, { options }, how);
}

/** Its reader may go away, or take a stale value first. */
async function settleEarly(
  landing: Promise<Landed>,
  signal: AbortSignal | undefined,
  { options }: Pick<Request, 'options'>,
  { clock, mayBeStale, grace, serve }: Grace,
): Promise<unknown> {
  const settled = new AbortController();
  const done = orAborted(landing, signal, settled.signal);
  try {
    if (!options.failSafe || !mayBeStale) return (await done).give();
    const softMs = options.softTimeout ?? softTimeoutMsDefault;
    const first = await orLate(done, clock, softMs, settled.signal);
    if (first !== late) return first.give();
    const look = grace();
    return look === undefined ? (await done).give() : serve(look);
  } catch (error) {
    const look = signal?.aborted === true || !options.failSafe ? undefined : grace();
    if (look !== undefined) return serve(look);
    throw error;
  } finally {
    settled.abort();
  }
}

import { primarySession } from '@plinth/core';
import type { Context } from '@plinth/postgres';

/** For what the chassis does for no tenant: sessions, keys. A new signal each, since it is a new wait. */
export function backgroundContext(timeoutMs: number): Context {
  return {
    tenant: 'none',
    position: primarySession(),
    signal: AbortSignal.timeout(timeoutMs),
  };
}

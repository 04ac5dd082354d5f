import { createPositionSession } from '@plinth/core';
import type { Context } from '@plinth/postgres';

/** For the package's own tables, which belong to no tenant. */
export function systemContext(signal: AbortSignal = new AbortController().signal): Context {
  return { tenant: 'none', position: createPositionSession(), signal };
}

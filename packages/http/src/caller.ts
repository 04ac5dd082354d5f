import type { Actor } from '@plinth/core';

import type { Session } from './sessions.ts';

/** Who sent the request, once it is known. */
export interface Caller {
  readonly by: 'session' | 'key' | 'nobody';
  readonly actor: Actor;
  /** `'none'`: nobody, or signed in without a tenant. */
  readonly tenant: string;
  readonly session: Session | undefined;
}

export const nobody: Caller = Object.freeze({
  by: 'nobody',
  actor: Object.freeze({ kind: 'anonymous', id: '', permissions: new Set<string>() }),
  tenant: 'none',
  session: undefined,
});

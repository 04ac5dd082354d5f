import { primarySession, type Clock, type Ctx, type KeyRing, type NewId } from '@plinth/core';
import type { LoginLimiter, Passwords, SessionStore } from '@plinth/http';
import type { Jobs } from '@plinth/jobs';
import type { Messaging } from '@plinth/messaging';
import type { Context, Database } from '@plinth/postgres';
import type { Realtime } from '@plinth/realtime';

import type { Random } from './totp.ts';

export interface IdentityNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly jobs: Pick<Jobs, 'define' | 'enqueue'>;
  readonly sessions: SessionStore;
  readonly passwords: Passwords;
  readonly logins: LoginLimiter;
  readonly keys: KeyRing;
  /** Open connections end with their session. */
  readonly realtime: Pick<Realtime, 'revoke'>;
  readonly clock: Clock;
  readonly newId: NewId;
  /** `randomBytes` of node:crypto; a test gives its own. */
  readonly random: Random;
}

const backgroundTimeoutMs = 5_000;

/** For what identity reads and writes for nobody's request. */
export function systemContext(needs: IdentityNeeds, tenant: string): Context {
  return {
    tenant,
    position: primarySession(),
    signal: AbortSignal.timeout(backgroundTimeoutMs),
    actor: { kind: 'system', id: 'identity', permissions: new Set() },
    reqId: needs.newId(),
  };
}

/** Goes on when the request has been answered. */
export function detached(ctx: Ctx, tenant: string): Ctx {
  return {
    ...ctx,
    tenant,
    signal: AbortSignal.timeout(backgroundTimeoutMs),
    deadline: ctx.clock.mono() + backgroundTimeoutMs,
  };
}

export function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}

import { Problem } from '@plinth/core';

import type { Caller } from './caller.ts';
import type { Callers } from './callers.ts';
import { addressGroup } from './client-address.ts';
import { checkOrigin } from './csrf.ts';
import type { Exchange } from './exchange.ts';
import type { Limiter, Rate } from './limiter.ts';
import type { SessionStore } from './sessions.ts';

/** What stands between a request and an operation, in this order. */
export interface Gate {
  /**
   * Credentials, origin, tenant, rate, permission: so that no later answer tells anyone that a row exists.
   *
   * @param permission `'public'`, `'session'` (anyone signed in), or one of identity's.
   */
  admit(exchange: Exchange, permission: string): Caller | Promise<Caller>;
}

export interface GateNeeds {
  readonly callers: Callers;
  readonly sessions: SessionStore;
  readonly origins: ReadonlySet<string>;
  readonly limiter: Limiter | undefined;
  readonly rate: Rate;
  onLimited(): void;
}

export function createGate(needs: GateNeeds): Gate {
  const { callers, sessions, origins } = needs;

  function check(exchange: Exchange, caller: Caller, permission: string): Caller {
    exchange.caller = caller;
    const { head, request, ip } = exchange;
    if (caller.by !== 'key') {
      checkOrigin(request.method ?? '', head, { hasCookie: caller.by === 'session', origins });
    }
    if (head.expectTenant !== '' && head.expectTenant !== caller.tenant) throw tenantChanged();
    takeRate(needs, caller, ip);
    checkPermission(caller, permission);
    if (caller.session !== undefined) sessions.touch(caller.session);
    return caller;
  }

  return {
    admit(exchange, permission) {
      const found = callers.find(exchange.head, exchange.ip);
      if (!(found instanceof Promise)) return check(exchange, found, permission);
      return found.then((caller) => check(exchange, caller, permission));
    },
  };
}

function takeRate({ limiter, rate, onLimited }: GateNeeds, caller: Caller, ip: string): void {
  if (limiter === undefined) return;
  const key = caller.session?.id ?? (caller.by === 'key' ? caller.actor.id : addressGroup(ip));
  const retryAfterMs = limiter.take(key, rate);
  if (retryAfterMs === 0) return;
  onLimited();
  throw new Problem('Too many requests.', {
    code: 'http.rate_limited',
    kind: 'rateLimited',
    retryAfterMs,
  });
}

/** The same answers as the binding gives, before the input is read. */
function checkPermission({ actor }: Caller, permission: string): void {
  if (permission === 'public' || actor.permissions.has(permission)) return;
  if (actor.kind === 'anonymous') {
    throw new Problem('Sign in first.', { code: 'auth.required', kind: 'unauthenticated' });
  }
  if (permission === 'session') return;
  throw new Problem(`This needs the permission ${permission}.`, {
    code: 'auth.forbidden',
    kind: 'forbidden',
    context: { permission },
  });
}

/** Another tab has switched: what this one sends must not land in the other tenant. */
function tenantChanged(): Problem {
  return new Problem('The session is in another tenant by now.', {
    code: 'identity.tenant_changed',
    kind: 'conflict',
  });
}

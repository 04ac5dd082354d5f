import { setImmediate as nextTurn } from 'node:timers/promises';

import { Problem, type Clock, type KeyRing } from '@plinth/core';

import { isRightKey, parseApiKey, type ApiKey } from './api-keys.ts';
import { nobody, type Caller } from './caller.ts';
import { findCookie, type CookieNames } from './cookies.ts';
import type { Head } from './head.ts';
import type { Session, SessionStore } from './sessions.ts';

/** What module identity knows of who acts. */
export interface Identity {
  apiKey(id: string): Promise<ApiKey | undefined>;
  /** Roles turned into permissions; nothing for a user who is no member of the tenant. */
  permissions(user: string, tenant: string | undefined): Promise<ReadonlySet<string>>;
}

export interface Callers {
  /** Answers at once for a session that was read within the last second. */
  find(head: Head, ip: string): Caller | Promise<Caller>;
  /** What the device cookie of an earlier sign-in says: `<user id>.<random>`. */
  device(head: Head): string | undefined;
}

interface Needs {
  readonly sessions: SessionStore;
  readonly identity: Identity;
  readonly keys: KeyRing;
  readonly cookies: CookieNames;
  readonly clock: Clock;
}

/** A key is looked up again after this: as late as a revocation may be. */
const keyKnownMs = 1_000;
const keysKnownMax = 1_000;
const sessionsKnownMax = 20_000;
/** How old what is known of a person may be while nobody can be asked. */
const recalledMs = 30_000;
const storeWaitMs = 250;
const graceTurns = 3;

export function createCallers(needs: Needs): Callers {
  return new CallerLookup(needs);
}

interface Known {
  readonly session: Session;
  readonly caller: Caller;
  readonly askedMs: number;
}

class CallerLookup implements Callers {
  readonly #needs: Needs;
  /** By the session's id; up to date while the store still gives the same reading of it: a second. */
  readonly #bySession = new Map<string, Known>();
  readonly #byKey = new Map<string, { readonly key: ApiKey; readonly untilMs: number }>();
  /** Many requests of one page arrive together: one of them looks it up. */
  readonly #flights = new Map<string, Promise<Caller>>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  find(head: Head, ip: string): Caller | Promise<Caller> {
    const { cookies, sessions } = this.#needs;
    const cookie = findCookie(head.cookie, cookies.session);
    if (head.authorization !== '') {
      if (cookie !== '') throw twoCredentials();
      return this.#fromKey(head.authorization, ip);
    }
    if (cookie === '') return nobody;
    const session = sessions.peek(cookie);
    const known = session === undefined ? undefined : this.#bySession.get(session.id);
    if (known === undefined || known.session !== session) return this.#fromSession(cookie);
    return known.caller;
  }

  device(head: Head): string | undefined {
    const { cookies, keys } = this.#needs;
    const token = findCookie(head.cookie, cookies.device);
    return token === '' ? undefined : keys.verify('token', token)?.toString();
  }

  #fromSession(cookie: string): Promise<Caller> {
    const known = this.#flights.get(cookie);
    if (known !== undefined) return known;
    const flight = this.#lookUp(cookie).finally(() => this.#flights.delete(cookie));
    this.#flights.set(cookie, flight);
    return flight;
  }

  async #lookUp(cookie: string): Promise<Caller> {
    try {
      return await this.#ask(cookie);
    } catch (error) {
      // The store is slow or away: who was known a moment ago goes on.
      const { sessions, clock } = this.#needs;
      const known = this.#bySession.get(sessions.recall(cookie)?.id ?? '');
      const isRecent = known !== undefined && clock.mono() - known.askedMs < recalledMs;
      if (!isRecent || Problem.from(error).kind !== 'unavailable') throw error;
      return known.caller;
    }
  }

  async #ask(cookie: string): Promise<Caller> {
    const { sessions, identity, clock } = this.#needs;
    const session = sessions.peek(cookie) ?? (await inTime(sessions.read(cookie), clock));
    if (session === undefined) return nobody;
    const askedMs = clock.mono();
    const permissions = await inTime(identity.permissions(session.user, session.tenant), clock);
    const caller: Caller = {
      by: 'session',
      actor: { kind: 'user', id: session.user, permissions },
      tenant: session.tenant ?? 'none',
      session,
    };
    this.#bySession.delete(session.id);
    this.#bySession.set(session.id, { session, caller, askedMs });
    const [oldest] = this.#bySession.keys();
    if (this.#bySession.size > sessionsKnownMax && oldest !== undefined) {
      this.#bySession.delete(oldest);
    }
    return caller;
  }

  async #fromKey(authorization: string, ip: string): Promise<Caller> {
    const [, text = ''] = /^Bearer ([\w-]{1,100})$/iu.exec(authorization) ?? [];
    const given = parseApiKey(text);
    const key = given === undefined ? undefined : await this.#findKey(given.id);
    const nowMs = this.#needs.clock.now();
    if (given === undefined || key === undefined || !isRightKey(given, key, { nowMs, ip })) {
      throw new Problem('This API key is not valid here.', {
        code: 'auth.bad_key',
        kind: 'unauthenticated',
      });
    }
    return {
      by: 'key',
      actor: { kind: 'key', id: key.id, permissions: key.permissions },
      tenant: key.tenant,
      session: undefined,
    };
  }

  async #findKey(id: string): Promise<ApiKey | undefined> {
    const { identity, clock } = this.#needs;
    const known = this.#byKey.get(id);
    if (known !== undefined && known.untilMs > clock.mono()) return known.key;
    const key = await inTime(identity.apiKey(id), clock);
    this.#byKey.delete(id);
    if (key !== undefined) this.#byKey.set(id, { key, untilMs: clock.mono() + keyKnownMs });
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > keysKnownMax && oldest !== undefined) this.#byKey.delete(oldest);
    return key;
  }
}

function twoCredentials(): Problem {
  return new Problem('A session’s cookie and an API key do not go together.', {
    code: 'auth.two_credentials',
    kind: 'invalid',
  });
}

/** A store that is slow is never taken for one that says no: nobody is signed out by it. */
async function inTime<result>(work: Promise<result>, clock: Clock): Promise<result> {
  const done = new AbortController();
  const late = clock.sleep(storeWaitMs, done.signal).then(async () => {
    // After a stall of this process timers come first: what has arrived meanwhile is read before it is called late.
    for (let turn = 0; turn < graceTurns; turn += 1) await nextTurn();
    throw new Problem('Who you are cannot be looked up now.', {
      code: 'auth.unavailable',
      kind: 'unavailable',
      retryAfterMs: 1_000,
    });
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

import { hash, randomBytes } from 'node:crypto';

import type { Clock, KeyRing, Log } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import { backgroundContext } from './background-context.ts';
import {
  deleteSession,
  deleteSessionsOfUser,
  findSession,
  insertSession,
  listSessionsOfUser,
  purgeSessions,
  replaceSession,
  touchSession,
} from './session-table.ts';

export interface Session {
  /** SHA-256 of the cookie's secret, hex: names the session, opens nothing. */
  readonly id: string;
  readonly user: string;
  readonly tenant: string | undefined;
  /** 1: password, 2: second factor too. */
  readonly level: number;
  readonly userAgent: string;
  readonly ip: string;
  readonly data: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch, by the database's clock. */
  readonly createdMs: number;
  readonly seenMs: number;
  /** When it ends if nobody uses it. */
  readonly endsMs: number;
  /** At the time of reading. */
  readonly idleSinceMs: number;
}

export interface NewSession {
  readonly user: string;
  readonly tenant?: string | undefined;
  readonly level: number;
  readonly userAgent?: string | undefined;
  readonly ip?: string | undefined;
  /** Under 4 KiB as JSON. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface SessionStore {
  /** @returns the cookie's value; nobody else ever sees it again. */
  create(session: NewSession): Promise<{ cookie: string; session: Session }>;
  /** A new id at sign-in, at a tenant switch and at a change of rights; the old one dies at once. */
  replace(id: string, session: NewSession): Promise<{ cookie: string; session: Session }>;
  /** What is known of it without asking the database: at most 1 s old. */
  peek(cookie: string): Session | undefined;
  /** Undefined for a cookie that is not ours, or whose session has ended. A forged one costs no look-up. */
  read(cookie: string): Promise<Session | undefined>;
  /** Notes that it is in use, at most once a minute, without anyone waiting for it. */
  touch(session: Session): void;
  /** Effective here at once, in every other process within 1 s. */
  revoke(id: string): Promise<void>;
  /** @returns how many ended. */
  revokeUser(user: string, options?: { readonly except?: string }): Promise<number>;
  /** The newest 200 that are open, the last used first. */
  list(user: string): Promise<Session[]>;
  /** Removes at most 1,000 that have ended. @returns how many. */
  purge(): Promise<number>;
}

export interface SessionOptions {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 12 h. */
  readonly idleMs?: number;
  /** Default 7 d. */
  readonly hardMs?: number;
}

const secretBytes = 32;
/** How long a process may go on with what it read: the bound on how late a revocation is. */
const knownMs = 1_000;
const knownMax = 20_000;
const touchMs = 60_000;
const timeoutMs = 5_000;
const purgeMax = 1_000;
const textCharactersMax = 400;

/** Keeps sessions in PostgreSQL; what was read is kept here for a second. */
export function createSessionStore(options: SessionOptions): SessionStore {
  const { database, keys, clock, log, idleMs = 43_200_000, hardMs = 604_800_000 } = options;
  const known = new Map<string, { readonly session: Session; readonly untilMs: number }>();
  const touching = new Set<string>();

  function toRow(session: NewSession, secret: Buffer) {
    return {
      id: hash('sha256', secret, 'buffer'),
      user: session.user,
      tenant: session.tenant ?? null,
      level: session.level,
      userAgent: (session.userAgent ?? '').slice(0, textCharactersMax),
      ip: session.ip ?? '',
      data: session.data ?? {},
      idleMs,
      hardMs,
    };
  }
  function remember(cookie: string, session: Session): void {
    known.delete(cookie);
    known.set(cookie, { session, untilMs: clock.mono() + knownMs });
    if (known.size <= knownMax) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  }
  function forget(isGone: (session: Session) => boolean): void {
    for (const [cookie, { session }] of known) if (isGone(session)) known.delete(cookie);
  }
  const made = (secret: Buffer, session: Session) => {
    const cookie = cookieOf(keys, secret);
    remember(cookie, session);
    return { cookie, session };
  };
  const context = () => backgroundContext(timeoutMs);
  const toBytes = (id: string) => Buffer.from(id, 'hex');

  return {
    async create(session) {
      const secret = randomBytes(secretBytes);
      return made(secret, await insertSession(database, context(), toRow(session, secret)));
    },
    async replace(id, session) {
      const secret = randomBytes(secretBytes);
      const row = toRow(session, secret);
      const fresh = await replaceSession(database, context(), toBytes(id), row);
      forget((one) => one.id === id);
      return made(secret, fresh);
    },
    peek(cookie) {
      const found = known.get(cookie);
      return found !== undefined && found.untilMs > clock.mono() ? found.session : undefined;
    },
    async read(cookie) {
      const secret = secretOf(keys, cookie);
      if (secret === undefined) return undefined;
      const session = await findSession(database, context(), hash('sha256', secret, 'buffer'));
      if (session === undefined) known.delete(cookie);
      else remember(cookie, session);
      return session;
    },
    touch({ id, idleSinceMs }) {
      if (idleSinceMs < touchMs || touching.has(id)) return;
      touching.add(id);
      touchSession(database, context(), { id: toBytes(id), idleMs })
        .catch((error: unknown) => log.warn('http.session_touch_failed', { err: String(error) }))
        .finally(() => touching.delete(id));
    },
    async revoke(id) {
      forget((one) => one.id === id);
      await deleteSession(database, context(), toBytes(id));
      // Again: a read that was under way may have brought it back.
      forget((one) => one.id === id);
    },
    async revokeUser(user, { except } = {}) {
      const kept = except === undefined ? null : toBytes(except);
      const gone = new Set(await deleteSessionsOfUser(database, context(), user, kept));
      forget((one) => gone.has(one.id));
      return gone.size;
    },
    list: (user) => listSessionsOfUser(database, context(), user),
    purge: () => purgeSessions(database, context(), purgeMax),
  };
}

/** `<key id>.<32 bytes>.<mac>`: the ring's token without its version, which the cookie's name stands for. */
function cookieOf(keys: KeyRing, secret: Buffer): string {
  return keys.sign('cookie', secret).slice(3);
}

function secretOf(keys: KeyRing, cookie: string): Buffer | undefined {
  const secret = keys.verify('cookie', `v1.${cookie}`);
  return secret?.length === secretBytes ? secret : undefined;
}

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
  type SessionRow,
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
  /** The same, at most 30 s old: for when the database does not answer. Never one that was revoked here. */
  recall(cookie: string): Session | undefined;
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
const idleMsDefault = 43_200_000;
const hardMsDefault = 604_800_000;
/** How long a process may go on with what it read: the bound on how late a revocation is. */
const knownMs = 1_000;
const recalledMs = 30_000;
const knownMax = 20_000;
const touchMs = 60_000;
const timeoutMs = 5_000;
const purgeMax = 1_000;
const textCharactersMax = 400;

/** Keeps sessions in PostgreSQL; what was read is kept here for a second. */
export function createSessionStore(options: SessionOptions): SessionStore {
  return new PostgresSessions(options);
}

class PostgresSessions implements SessionStore {
  readonly #database: Database;
  readonly #keys: KeyRing;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #idleMs: number;
  readonly #hardMs: number;
  readonly #known = new Map<string, { readonly session: Session; readonly askedMs: number }>();
  readonly #touching = new Set<string>();

  constructor({ database, keys, clock, log, idleMs, hardMs }: SessionOptions) {
    this.#database = database;
    this.#keys = keys;
    this.#clock = clock;
    this.#log = log;
    this.#idleMs = idleMs ?? idleMsDefault;
    this.#hardMs = hardMs ?? hardMsDefault;
  }

  async create(session: NewSession): Promise<{ cookie: string; session: Session }> {
    const secret = randomBytes(secretBytes);
    const row = this.#toRow(session, secret);
    return this.#made(secret, await insertSession(this.#database, context(), row));
  }

  async replace(id: string, next: NewSession): Promise<{ cookie: string; session: Session }> {
    const secret = randomBytes(secretBytes);
    const row = this.#toRow(next, secret);
    const session = await replaceSession(this.#database, context(), toBytes(id), row);
    this.#forget((one) => one.id === id);
    return this.#made(secret, session);
  }

  peek(cookie: string): Session | undefined {
    return this.#find(cookie, knownMs);
  }

  recall(cookie: string): Session | undefined {
    return this.#find(cookie, recalledMs);
  }

  async read(cookie: string): Promise<Session | undefined> {
    const secret = secretOf(this.#keys, cookie);
    if (secret === undefined) return undefined;
    const askedMs = this.#clock.mono();
    const session = await findSession(this.#database, context(), idOf(secret));
    if (session === undefined) this.#known.delete(cookie);
    else this.#remember(cookie, session, askedMs);
    return session;
  }

  touch({ id, idleSinceMs }: Session): void {
    if (idleSinceMs < touchMs || this.#touching.has(id)) return;
    this.#touching.add(id);
    touchSession(this.#database, context(), { id: toBytes(id), idleMs: this.#idleMs })
      .catch((error: unknown) => this.#log.error('http.session_touch_failed', error))
      .finally(() => this.#touching.delete(id));
  }

  async revoke(id: string): Promise<void> {
    this.#forget((one) => one.id === id);
    await deleteSession(this.#database, context(), toBytes(id));
    // Again: a read that was under way may have brought it back.
    this.#forget((one) => one.id === id);
  }

  async revokeUser(user: string, { except }: { except?: string } = {}): Promise<number> {
    const kept = except === undefined ? null : toBytes(except);
    const gone = new Set(await deleteSessionsOfUser(this.#database, context(), user, kept));
    this.#forget((one) => gone.has(one.id));
    return gone.size;
  }

  list(user: string): Promise<Session[]> {
    return listSessionsOfUser(this.#database, context(), user);
  }

  purge(): Promise<number> {
    return purgeSessions(this.#database, context(), purgeMax);
  }

  #find(cookie: string, ageMsMax: number): Session | undefined {
    const found = this.#known.get(cookie);
    const isYoung = found !== undefined && this.#clock.mono() - found.askedMs < ageMsMax;
    return isYoung ? found.session : undefined;
  }

  #toRow(session: NewSession, secret: Buffer): SessionRow {
    return {
      id: idOf(secret),
      user: session.user,
      tenant: session.tenant ?? null,
      level: session.level,
      userAgent: (session.userAgent ?? '').slice(0, textCharactersMax),
      ip: session.ip ?? '',
      data: session.data ?? {},
      idleMs: this.#idleMs,
      hardMs: this.#hardMs,
    };
  }

  #made(secret: Buffer, session: Session): { cookie: string; session: Session } {
    const cookie = cookieOf(this.#keys, secret);
    this.#remember(cookie, session, this.#clock.mono());
    return { cookie, session };
  }

  /** Counted from when it was asked for: an answer that is late is not kept longer for it. */
  #remember(cookie: string, session: Session, askedMs: number): void {
    this.#known.delete(cookie);
    this.#known.set(cookie, { session, askedMs });
    if (this.#known.size <= knownMax) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  #forget(isGone: (session: Session) => boolean): void {
    for (const [cookie, { session }] of this.#known) {
      if (isGone(session)) this.#known.delete(cookie);
    }
  }
}

const context = () => backgroundContext(timeoutMs);
const toBytes = (id: string) => Buffer.from(id, 'hex');
const idOf = (secret: Buffer) => hash('sha256', secret, 'buffer');

/** `<key id>.<32 bytes>.<mac>`: the ring's token without its version, which the cookie's name stands for. */
function cookieOf(keys: KeyRing, secret: Buffer): string {
  return keys.sign('cookie', secret).slice(3);
}

function secretOf(keys: KeyRing, cookie: string): Buffer | undefined {
  const secret = keys.verify('cookie', `v1.${cookie}`);
  return secret?.length === secretBytes ? secret : undefined;
}

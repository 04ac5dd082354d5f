import { createHash, randomBytes } from 'node:crypto';

import type { Clock } from '@plinth/core';

const linkMs = 60_000;
const idleMs = 1_800_000;
const hardMs = 28_800_000;
const linksMax = 20;

interface Session {
  readonly begunAt: number;
  seenAt: number;
}

/**
 * Who may look: whoever opens a link of this process within 60 s of its making, once. Needs no database, so that
 * it lets in while there is none. Of links and sessions only hashes are held.
 */
export class Gate {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** @returns the key of a new link: 128 random bits. */
  newLink(): string {
    const key = randomBytes(16).toString('base64url');
    this.#links.set(hashOf(key), this.#clock.now() + linkMs);
    const [oldest] = this.#links.keys();
    if (this.#links.size > linksMax && oldest !== undefined) this.#links.delete(oldest);
    return key;
  }

  /** @returns the session's token; undefined for a link that was used, is too old or never was. */
  enter(key: string): string | undefined {
    const hash = hashOf(key);
    const until = this.#links.get(hash);
    this.#links.delete(hash);
    const now = this.#clock.now();
    if (until === undefined || now > until) return undefined;
    const token = randomBytes(32).toString('base64url');
    this.#sessions.set(hashOf(token), { begunAt: now, seenAt: now });
    return token;
  }

  /** Whether the session holds: 8 hours, and half an hour without a call. */
  isIn(token: string): boolean {
    const hash = hashOf(token);
    const session = this.#sessions.get(hash);
    if (session === undefined) return false;
    const now = this.#clock.now();
    if (now - session.begunAt > hardMs || now - session.seenAt > idleMs) {
      this.#sessions.delete(hash);
      return false;
    }
    session.seenAt = now;
    return true;
  }

  leave(token: string): void {
    this.#sessions.delete(hashOf(token));
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

import { randomInt } from 'node:crypto';

import type { Clock } from '@plinth/core';

import type { Who } from './backplane.ts';
import type { Auth } from './channel.ts';
import type { Connection } from './connection.ts';

/** How many are connected already. */
export interface Crowd {
  readonly ofUser: number;
  readonly ofTenant: number;
  readonly all: number;
}

const renewMs = 30_000;
const stuckMs = 10_000;
const answerMs = 10_000;
const comeBackMs = 2_000;
const goodbyeMsMax = 10_000;
const goodbyesPerTick = 100;
const goodbyeTickMs = 100;
/** Signs of life in one turn of the loop. */
const beatsPerTurn = 500;

/** All readers of the process, and when each of them ends. */
export class Connections {
  readonly #clock: Clock;
  readonly #all = new Map<string, Connection>();
  readonly #ofUser = new Map<string, number>();
  readonly #ofTenant = new Map<string, number>();
  #socketCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#all.size;
  }

  get socketCount(): number {
    return this.#socketCount;
  }

  get userCount(): number {
    return this.#ofUser.size;
  }

  crowd({ user, tenant }: Auth): Crowd {
    const ofUser = this.#ofUser.get(user) ?? 0;
    return { ofUser, ofTenant: this.#ofTenant.get(tenant) ?? 0, all: this.#all.size };
  }

  values(): Iterable<Connection> {
    return this.#all.values();
  }

  find(id: string): Connection | undefined {
    return this.#all.get(id);
  }

  add(connection: Connection): void {
    const { id, auth, wire } = connection;
    this.#all.set(id, connection);
    if (wire.transport === 'ws') this.#socketCount += 1;
    count(this.#ofUser, auth.user, 1);
    count(this.#ofTenant, auth.tenant, 1);
  }

  remove(connection: Connection): void {
    const { id, auth, wire } = connection;
    if (!this.#all.delete(id)) return;
    if (wire.transport === 'ws') this.#socketCount -= 1;
    count(this.#ofUser, auth.user, -1);
    count(this.#ofTenant, auth.tenant, -1);
  }

  cut(who: Who, why: 'revoked' | 'expired'): number {
    const found = [...this.#all.values()].filter(({ auth }) =>
      'session' in who ? auth.session === who.session : auth.user === who.user,
    );
    for (const connection of found) connection.close(why === 'expired' ? 4005 : 4004, 0);
    return found.length;
  }

  /** @returns false: there is none of this name. */
  disconnect(id: string): boolean {
    const connection = this.#all.get(id);
    connection?.close(4012, randomInt(goodbyeMsMax));
    return connection !== undefined;
  }

  /** Sessions that end, and readers that take or answer nothing. */
  tick(): void {
    const now = this.#clock.now();
    const mono = this.#clock.mono();
    for (const one of this.#all.values()) {
      const { expiresMs } = one.auth;
      if (one.isEnded) continue;
      if (now >= expiresMs) one.close(4005, 0);
      else if (isPast(one.stuckSinceMs, stuckMs, mono)) one.close(4008, comeBackMs);
      else if (isPast(one.wire.unansweredSinceMs, answerMs, mono)) one.close(4010, comeBackMs);
      else if (!one.isRenewing && now >= expiresMs - renewMs) {
        one.isRenewing = true;
        one.tell({ name: 'renew', data: { expiresMs } });
      }
    }
  }

  /** In turns: thousands at once would hold up everything else. */
  async beat(): Promise<void> {
    const all = [...this.#all.values()];
    for (let at = 0; at < all.length; at += beatsPerTurn) {
      for (const one of all.slice(at, at + beatsPerTurn)) {
        if (one.stuckSinceMs === undefined && !one.isEnded) one.wire.beat();
      }
      if (at + beatsPerTurn < all.length) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Tells all to come back elsewhere, at most 1,000 a second, and ends what is left at the deadline. */
  async drain(deadlineMs: number): Promise<{ finished: number; cancelled: number }> {
    const clock = this.#clock;
    const all = [...this.#all.values()];
    const endMs = clock.mono() + deadlineMs;
    const { signal } = new AbortController();
    for (let at = 0; at < all.length; at += goodbyesPerTick) {
      for (const one of all.slice(at, at + goodbyesPerTick)) {
        one.close(4012, randomInt(goodbyeMsMax));
      }
      if (at + goodbyesPerTick < all.length) await clock.sleep(goodbyeTickMs, signal);
    }
    while (this.#all.size > 0 && clock.mono() < endMs) await clock.sleep(10, signal);
    const cancelled = this.#all.size;
    for (const one of this.#all.values()) one.destroy();
    return { finished: all.length - cancelled, cancelled };
  }
}

function count(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + change;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}

function isPast(sinceMs: number | undefined, ms: number, nowMs: number): boolean {
  return sinceMs !== undefined && nowMs - sinceMs >= ms;
}

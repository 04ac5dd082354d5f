import { Problem, type Clock } from '@plinth/core';

import { addressGroup } from './client-address.ts';

/** Who tries to sign in. */
export interface LoginAttempt {
  /** The user's id, or a hash of the address that nobody has. */
  readonly account: string;
  readonly ip: string;
  /** `ctx.client.device`: of this account, it has a counter of its own, so that nobody locks another out. */
  readonly device?: string | undefined;
}

export interface LoginLimiter {
  /** @throws {Problem} `auth.too_many_failures` with the time that is left. */
  check(attempt: LoginAttempt): void;
  /** @returns true when this failure locked the account's (or device's) counter. */
  fail(attempt: LoginAttempt): boolean;
  succeed(attempt: LoginAttempt): void;
}

interface Counter {
  failures: number;
  sinceMs: number;
  lockedUntilMs: number;
}

const accountFailuresMax = 5;
const addressFailuresMax = 50;
const windowMs = 900_000;
const firstDelayMs = 1_000;
const delayMsMax = 900_000;
const countersMax = 100_000;

/**
 * Five failures an account and fifty an address (IPv6: a /64) in 15 minutes, then a delay that doubles from a
 * second to 15 minutes. In memory: each process counts for itself.
 */
export function createLoginLimiter({ clock }: { clock: Clock }): LoginLimiter {
  const counters = new Map<string, Counter>();

  function find(key: string): Counter | undefined {
    const counter = counters.get(key);
    const nowMs = clock.mono();
    if (counter === undefined) return undefined;
    if (nowMs < Math.max(counter.sinceMs + windowMs, counter.lockedUntilMs)) return counter;
    counters.delete(key);
    return undefined;
  }
  function add(key: string, failuresMax: number): boolean {
    const nowMs = clock.mono();
    const counter = find(key) ?? { failures: 0, sinceMs: nowMs, lockedUntilMs: -Infinity };
    counter.failures += 1;
    const over = counter.failures - failuresMax;
    if (over >= 0) {
      counter.lockedUntilMs = nowMs + Math.min(delayMsMax, firstDelayMs * 2 ** over);
      counter.sinceMs = nowMs;
    }
    counters.delete(key);
    counters.set(key, counter);
    const [oldest] = counters.keys();
    if (counters.size > countersMax && oldest !== undefined) counters.delete(oldest);
    return over === 0;
  }

  return {
    check(attempt) {
      const lockedUntilMs = Math.max(
        ...keysOf(attempt).map((key) => find(key)?.lockedUntilMs ?? -Infinity),
      );
      const leftMs = lockedUntilMs - clock.mono();
      if (leftMs <= 0) return;
      throw new Problem('Too many attempts: wait a little.', {
        code: 'auth.too_many_failures',
        kind: 'rateLimited',
        retryAfterMs: Math.ceil(leftMs),
      });
    },
    fail(attempt) {
      const [own, address] = keysOf(attempt);
      add(address, addressFailuresMax);
      return add(own, accountFailuresMax);
    },
    succeed(attempt) {
      counters.delete(keysOf(attempt)[0]);
    },
  };
}

function keysOf({ account, ip, device }: LoginAttempt): [own: string, address: string] {
  const isOwnDevice = device?.startsWith(`${account}.`) ?? false;
  return [isOwnDevice ? `d:${device ?? ''}` : `a:${account}`, `i:${addressGroup(ip)}`];
}

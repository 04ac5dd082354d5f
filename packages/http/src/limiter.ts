import type { Clock } from '@plinth/core';

export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens of a bucket that nobody used. */
  readonly burst: number;
}

/** Counts how often a key acts. A driver that many processes share has the same face. */
export interface Limiter {
  /** @returns 0 if it may act, else the milliseconds after which it may. */
  take(key: string, rate: Rate): number;
}

const keysMaxDefault = 100_000;

/**
 * Token buckets in memory, the latest 100,000 keys. One that was pushed out comes back as empty as it must have
 * been: it is not given a fresh bucket for having been forgotten, unless it has rested.
 */
export function createLimiter(options: { clock: Clock; keysMax?: number }): Limiter {
  const { clock, keysMax = keysMaxDefault } = options;
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  /** Newest instant at which a bucket was pushed out. */
  let pushedOutMs = -Infinity;

  function open(key: string, rate: Rate, nowMs: number) {
    const known = buckets.get(key);
    if (known !== undefined) {
      // Moved to the end: the map's order is that of use.
      buckets.delete(key);
      buckets.set(key, known);
      return known;
    }
    const rested = Math.min(rate.burst, ((nowMs - pushedOutMs) / 1_000) * rate.perSecond);
    const bucket = { tokens: Math.max(1, rested), atMs: nowMs };
    buckets.set(key, bucket);
    const [oldest] = buckets;
    if (buckets.size > keysMax && oldest !== undefined) {
      pushedOutMs = Math.max(pushedOutMs, oldest[1].atMs);
      buckets.delete(oldest[0]);
    }
    return bucket;
  }

  return {
    take(key, rate) {
      const nowMs = clock.mono();
      const bucket = open(key, rate, nowMs);
      const gained = ((nowMs - bucket.atMs) / 1_000) * rate.perSecond;
      bucket.tokens = Math.min(rate.burst, bucket.tokens + gained);
      bucket.atMs = nowMs;
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      return Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1_000);
    },
  };
}

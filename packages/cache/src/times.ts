import type { EntryOptions } from './cache.ts';

const ttlMsDefault = 300_000;
const ttlMsMax = 86_400_000;
const negativeTtlMsDefault = 10_000;
const jitterDefault = 0.1;
const eagerDefault = 0.8;

/** The moments of an entry, in ms of the cache's clock. */
export interface Times {
  readonly writtenAt: number;
  /** From here on a hit also refreshes. */
  readonly due: number;
  readonly expiry: number;
  /** Until here it may stand in for a failing factory. */
  readonly dead: number;
}

/** @returns undefined for what is not to be kept. */
export function timesOf(
  options: EntryOptions,
  value: unknown,
  ttlMs: number | undefined,
  { now, random }: { now(): number; random(): number },
): Times | undefined {
  const { jitter = jitterDefault, eager = eagerDefault, l1 = true } = options;
  const asked = ttlMs ?? (value === null ? negativeTtlOf(options) : ttlOf(options));
  if (!(asked > 0) || !l1) return undefined;
  const lifeMs = Math.min(asked, ttlMsMax) * (1 - jitter * random());
  const writtenAt = now();
  const expiry = writtenAt + lifeMs;
  const due = eager === false ? expiry : writtenAt + lifeMs * eager;
  return { writtenAt, due, expiry, dead: expiry + (options.failSafe || 0) };
}

function ttlOf({ l1Ttl, ttl = ttlMsDefault }: EntryOptions): number {
  return l1Ttl ?? ttl;
}

function negativeTtlOf({ negativeTtl, ttl = ttlMsDefault }: EntryOptions): number {
  return negativeTtl ?? Math.min(ttl, negativeTtlMsDefault);
}

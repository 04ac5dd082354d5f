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

/** How long a value that was just read lives, in ms. 0: it is not to be kept. */
export function lifeOf(
  options: EntryOptions,
  value: unknown,
  ttlMs: number | undefined,
  random: () => number,
): number {
  const { jitter = jitterDefault, ttl = ttlMsDefault } = options;
  const asked = ttlMs ?? (value === null ? negativeTtlOf(options) : ttl);
  return asked > 0 ? Math.min(asked, ttlMsMax) * (1 - jitter * random()) : 0;
}

/**
 * The moments of one in L1.
 *
 * @param writtenAt when it was read of its source.
 * @param lifeMs from there.
 */
export function timesOf(options: EntryOptions, writtenAt: number, lifeMs: number): Times {
  const { eager = eagerDefault, l1Ttl = lifeMs, failSafe } = options;
  const expiry = writtenAt + Math.min(lifeMs, l1Ttl);
  const due = eager === false ? expiry : writtenAt + (expiry - writtenAt) * eager;
  return { writtenAt, due, expiry, dead: expiry + (failSafe || 0) };
}

function negativeTtlOf({ negativeTtl, ttl = ttlMsDefault }: EntryOptions): number {
  return negativeTtl ?? Math.min(ttl, negativeTtlMsDefault);
}

import type { Codec } from './cache.ts';
import type { Counters } from './counters.ts';
import { Slots, type Fill } from './slots.ts';

/** One answer of L1 that is no hit. */
export const missed = Symbol('missed');

/** What L1 knows of a key, for the paths that are not hot. */
export interface Look {
  readonly key: string;
  readonly kept: unknown;
  readonly codec: Codec | undefined;
  readonly position: number;
  /** That its position belongs to. */
  readonly generation: number;
  readonly writtenAt: number;
  readonly due: number;
  readonly expiry: number;
  readonly dead: number;
  readonly hold: number;
  readonly tags: readonly string[];
  /** Usable by position: no hard event since it was captured. */
  readonly isValid: boolean;
  /** No soft event either. */
  readonly isUntouched: boolean;
}

export interface L1Options {
  readonly bytesMax: number;
  readonly entriesMax: number;
  readonly counters: Counters;
  /** Milliseconds; the same for a whole turn of the event loop. */
  now(): number;
  /** The same; Infinity where no hit may be served without a closer look. */
  hitNow?: () => number;
}

/** The entries of this process, in columns. A hit allocates nothing and makes no promise. */
export class L1 {
  readonly #index = new Map<string, number>();
  readonly #slots: Slots;
  /** Raised by each reset. */
  generation = 0;
  readonly #counters: Counters;
  readonly #now: () => number;
  readonly #hitNow: () => number;

  constructor({ bytesMax, entriesMax, counters, now, hitNow = now }: L1Options) {
    this.#counters = counters;
    this.#now = now;
    this.#hitNow = hitNow;
    this.#slots = new Slots({ bytesMax, entriesMax, drop: (key) => this.#index.delete(key) });
  }

  get size(): number {
    return this.#index.size;
  }
  get bytes(): number {
    return this.#slots.bytes;
  }
  get evictions(): number {
    return this.#slots.evictions;
  }

  /** The value if it is fresh and usable, else `missed`, which is not counted. */
  hit(key: string): unknown {
    const slot = this.#index.get(key);
    if (slot === undefined) return missed;
    const slots = this.#slots;
    if (!(this.#hitNow() < (slots.due[slot] ?? 0))) return missed;
    if (!slots.isCurrent(slot)) return missed;
    const meta = slots.meta[slot] ?? 0;
    if ((meta & Slots.isOdd) !== 0) return missed;
    if ((meta & Slots.frequency) < Slots.frequency) slots.meta[slot] = meta + 1;
    const region = slots.region[slot] ?? 0;
    const hits = this.#counters.hits;
    hits[region] = (hits[region] ?? 0) + 1;
    return slots.kept[slot];
  }

  look(key: string): Look | undefined {
    const slot = this.#index.get(key);
    return slot === undefined ? undefined : this.#slots.look(slot, this.generation);
  }

  /** Raises how often it was used, where `hit` did not. */
  touch(key: string): void {
    const slot = this.#index.get(key);
    if (slot !== undefined) this.#slots.touch(slot);
  }

  /** Replaces what the key has. One that is over an eighth of the whole is not kept. */
  put(fill: Fill): void {
    const slot = this.#index.get(fill.key);
    const now = this.#now();
    if (slot !== undefined) return this.#slots.replace(slot, fill);
    const taken = this.#slots.take(fill, now);
    if (taken !== -1) this.#index.set(fill.key, taken);
  }

  /** Drops what was captured before `seq`. */
  drop(key: string, seq: number): void {
    const slot = this.#index.get(key);
    if (slot === undefined || (this.#slots.position[slot] ?? 0) >= seq) return;
    this.#slots.clear(slot);
  }

  /** Never fresh again; still good for a failing factory. */
  expire(key: string, seq: number): void {
    const slot = this.#index.get(key);
    if (slot === undefined || (this.#slots.position[slot] ?? 0) >= seq) return;
    this.#slots.expire(slot, this.#now());
  }

  expireAll(seq: number): void {
    for (const [key] of this.#index) this.expire(key, seq);
  }

  clearBefore(seq: number): void {
    for (const [key] of this.#index) this.drop(key, seq);
  }

  /** Empties it: the positions of what it held can no longer be compared. */
  reset(): void {
    this.generation += 1;
    for (const slot of this.#index.values()) this.#slots.clear(slot);
  }

  /** What has one of these tags is dropped, or never fresh again: its event has no place in the log yet. */
  forgetTagged(tags: ReadonlySet<string>, kind: 'hard' | 'soft'): void {
    const slots = this.#slots;
    const ids = new Set([...tags].map((tag) => slots.tags.idOf(tag)));
    ids.delete(0);
    if (ids.size === 0) return;
    for (const slot of this.#index.values()) {
      const isOdd = ((slots.meta[slot] ?? 0) & Slots.isOdd) !== 0;
      const hasOne =
        ids.has(slots.tag0[slot] ?? 0) ||
        ids.has(slots.tag1[slot] ?? 0) ||
        (isOdd && slots.look(slot, 0).tags.some((tag) => tags.has(tag)));
      if (!hasOne) continue;
      if (kind === 'hard') slots.clear(slot);
      else slots.expire(slot, this.#now());
    }
  }

  forgetKey(key: string, kind: 'hard' | 'soft'): void {
    const slot = this.#index.get(key);
    if (slot === undefined) return;
    if (kind === 'hard') this.#slots.clear(slot);
    else this.#slots.expire(slot, this.#now());
  }

  raiseTag(tag: string, seq: number, kind: 'hard' | 'soft'): void {
    this.#slots.tags.raise(tag, seq, kind);
  }

  /** An eager refresh has begun: nobody else begins one. */
  setDue(key: string, due: number): void {
    const slot = this.#index.get(key);
    if (slot !== undefined) this.#slots.due[slot] = due;
  }

  /** A factory failed: no other one is tried before then, where there is a value to serve. */
  retryAt(key: string, until: number): void {
    const slot = this.#index.get(key);
    if (slot === undefined) return;
    const slots = this.#slots;
    const expiry = slots.expiry[slot] ?? 0;
    slots.hold[slot] = until;
    if (this.#now() < expiry) slots.due[slot] = Math.min(until, expiry);
  }
}

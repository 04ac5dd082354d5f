import type { Clock } from '@plinth/core';

/** A computed value with how long it may be shown. */
export interface Kept<value> {
  readonly value: value;
  /** So long it is as good as new. */
  readonly freshMs: number;
  /** So long it is shown while a new one is made. */
  readonly staleMs: number;
}

interface Shown<value> {
  readonly value: value;
  readonly isFresh: boolean;
}

/**
 * Keeps what is dear to compute: anchors and sums of a list. A cache of several levels may take its
 * place; keys begin with tenant and list.
 */
export interface ListCache {
  peek(key: string): Shown<unknown> | undefined;
  /**
   * The kept value, fresh or stale (then a new one is made behind it), or the one made now: one
   * flight a key, which all its callers await.
   */
  get(key: string, make: () => Promise<Kept<unknown>>): Promise<Shown<unknown>>;
  /** Makes a value that nobody waits for, unless one is being made. */
  make(key: string, make: () => Promise<Kept<unknown>>): void;
}

export interface ListCacheOptions {
  readonly clock: Pick<Clock, 'mono'>;
  /** Default 256, the least recently used goes; an entry is at most 64 KB. */
  readonly entriesMax?: number;
  readonly onError: (error: unknown) => void;
}

interface Entry extends Kept<unknown> {
  readonly madeMs: number;
}

/** In the memory of this process. */
export function createListCache({ clock, entriesMax = 256, onError }: ListCacheOptions): ListCache {
  const entries = new Map<string, Entry>();
  const flights = new Map<string, Promise<Entry>>();

  function find(key: string): { entry: Entry; ageMs: number } | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    const ageMs = clock.mono() - entry.madeMs;
    if (ageMs >= entry.freshMs + entry.staleMs) return undefined;
    entries.set(key, entry);
    return { entry, ageMs };
  }

  function fly(key: string, make: () => Promise<Kept<unknown>>): Promise<Entry> {
    const flying = flights.get(key);
    if (flying !== undefined) return flying;
    const flight = run(key, make).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  async function run(key: string, make: () => Promise<Kept<unknown>>): Promise<Entry> {
    const madeMs = clock.mono();
    const entry = { ...(await make()), madeMs };
    entries.delete(key);
    if (entry.freshMs + entry.staleMs === 0) return entry;
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    return entry;
  }

  return {
    peek(key) {
      const found = find(key);
      return found && show(found.entry, found.ageMs < found.entry.freshMs);
    },
    async get(key, make) {
      const found = find(key);
      if (found === undefined) return show(await fly(key, make), true);
      const isFresh = found.ageMs < found.entry.freshMs;
      if (!isFresh) fly(key, make).catch(onError);
      return show(found.entry, isFresh);
    },
    make(key, make) {
      if (!flights.has(key)) fly(key, make).catch(onError);
    },
  };
}

function show({ value }: Entry, isFresh: boolean): Shown<unknown> {
  return { value, isFresh };
}

/** A part of a cache that holds values of one kind, under keys of its own. */
export interface Shelf<value> {
  peek(key: string): Shown<value> | undefined;
  get(key: string, make: () => Promise<Kept<value>>): Promise<Shown<value>>;
  make(key: string, make: () => Promise<Kept<value>>): void;
}

/** @param prefix no other kind of value has it. */
export function shelfOf<value>(cache: ListCache, prefix: string): Shelf<value> {
  const typed = ({ value, isFresh }: Shown<unknown>): Shown<value> => ({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- under this prefix only values of this type are kept
    value: value as value,
    isFresh,
  });
  return {
    peek(key) {
      const found = cache.peek(prefix + key);
      return found && typed(found);
    },
    get: async (key, make) => typed(await cache.get(prefix + key, make)),
    make: (key, make) => cache.make(prefix + key, make),
  };
}

import type { ChannelRef, Client } from './client.ts';

/** What changed: of a topic, these ids, or everything. */
export interface Change {
  readonly topic: string;
  readonly ids?: readonly string[] | undefined;
}

type Key = readonly unknown[];
/** TanStack Query's client is one. */
export interface Queries {
  invalidateQueries(filter: { queryKey?: Key; refetchType?: 'active' | 'none' }): unknown;
}

export interface LiveQueries {
  readonly channels: readonly {
    readonly channel: ChannelRef;
    readonly params: Readonly<Record<string, string>>;
  }[];
  /** The queries that a change makes old. */
  map(change: Change): readonly Key[];
  /** What the API must have seen to answer with the change: goes along as the header of the commit position. */
  onPosition?(position: string): void;
}

const collectMs = 100;
const collectMsMax = 1_000;
/** More than these are everything. */
const idsMax = 200;
const resetSpreadMs = 2_000;

/**
 * Makes queries stale when the server says that their data changed. Changes are collected for 100 ms, at most 1 s;
 * a hidden page only marks, and asks when it is looked at. After a gap everything is stale once.
 *
 * @returns ends it.
 */
export function liveQueries(client: Client, queries: Queries, live: LiveQueries): () => void {
  const collector = new Collector(client, queries, live.map);
  const ends = live.channels.map(({ channel, params }) =>
    client.subscribe<Change>(channel, params, {
      message(change, { position }) {
        if (position !== undefined) live.onPosition?.(position);
        collector.add(change);
      },
      reset: () => collector.reset(),
    }),
  );
  return () => {
    for (const end of ends) end();
    collector.stop();
  };
}

class Collector {
  readonly #client: Client;
  readonly #queries: Queries;
  readonly #map: LiveQueries['map'];
  readonly #topics = new Map<string, Set<string> | 'all'>();
  #stopSoon: (() => void) | undefined;
  #stopLate: (() => void) | undefined;
  #stopReset: (() => void) | undefined;
  readonly #stopReturn: () => void;
  /** Made stale while nobody looked. */
  readonly #marked = new Map<string, Key>();

  constructor(client: Client, queries: Queries, map: LiveQueries['map']) {
    this.#client = client;
    this.#queries = queries;
    this.#map = map;
    this.#stopReturn = client.onReturn(() => this.#return());
  }

  add({ topic, ids }: Change): void {
    const known = this.#topics.get(topic) ?? new Set<string>();
    if (known !== 'all') {
      for (const id of ids ?? []) known.add(id);
      this.#topics.set(topic, ids === undefined || known.size > idsMax ? 'all' : known);
    }
    this.#stopSoon?.();
    this.#stopSoon = this.#client.after(collectMs, () => this.#flush());
    this.#stopLate ??= this.#client.after(collectMsMax, () => this.#flush());
  }

  /** Once for all channels, and not by all pages in the same moment. */
  reset(): void {
    this.#stopReset ??= this.#client.after(this.#client.random() * resetSpreadMs, () => {
      this.#stopReset = undefined;
      const refetchType = this.#refetchType();
      if (refetchType === 'none') this.#marked.set('', []);
      this.#queries.invalidateQueries({ refetchType });
    });
  }

  stop(): void {
    this.#stopSoon?.();
    this.#stopLate?.();
    this.#stopReset?.();
    this.#stopReturn();
  }

  #return(): void {
    const keys = [...this.#marked.values()];
    this.#marked.clear();
    for (const queryKey of keys) {
      this.#queries.invalidateQueries({ queryKey, refetchType: 'active' });
    }
  }

  #flush(): void {
    this.#stopSoon?.();
    this.#stopLate?.();
    this.#stopLate = undefined;
    const keys = new Map<string, Key>();
    for (const [topic, ids] of this.#topics) {
      const change = ids === 'all' ? { topic } : { topic, ids: [...ids] };
      for (const key of this.#map(change)) keys.set(JSON.stringify(key), key);
    }
    this.#topics.clear();
    const refetchType = this.#refetchType();
    for (const [text, queryKey] of keys) {
      if (refetchType === 'none') this.#marked.set(text, queryKey);
      this.#queries.invalidateQueries({ queryKey, refetchType });
    }
  }

  #refetchType(): 'active' | 'none' {
    return this.#client.isHidden() ? 'none' : 'active';
  }
}

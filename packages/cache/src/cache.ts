import type { SharedHealth } from './ports.ts';
import type { DataPosition, Position } from './position.ts';

export interface Names {
  readonly keys?: readonly string[];
  readonly tags?: readonly string[];
}

/** What a factory has in hand while it reads the source. */
export interface FactoryContext<value> {
  /** Aborts at `hardTimeout` and on `close()`. */
  readonly signal: AbortSignal;
  /** Captured before the factory: its data holds every change up to here. */
  readonly position: Position;
  /** Read a source that has reached these; empty: none known. */
  readonly minData: readonly DataPosition[];
  /** Expired by time, still usable by position. */
  readonly stale: { readonly value: value; readonly etag: string } | undefined;
  /** Adds tags that were found while reading. */
  tag(...tags: string[]): void;
  /** Milliseconds, for this fill; 0: do not store. */
  ttl(ms: number): void;
  /** How far the source was when the read began. Without it the factory says «I read the primary». */
  readAt(position: DataPosition): void;
  /** Keeps `stale.value` and renews its time. */
  notModified(): value;
}
export type Factory<value> = (context: FactoryContext<value>) => value | Promise<value>;

/** Own encoding of values; ids 16 to 255. */
export interface Codec {
  readonly id: number;
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** All times in milliseconds. */
export interface EntryOptions {
  /** Fresh this long, default 300,000, at most 86,400,000. */
  readonly ttl?: number;
  readonly tags?: readonly string[];
  readonly l1?: boolean;
  /** false for secrets and for what cannot be serialised. */
  readonly l2?: boolean;
  /** Default `ttl`: L1 is invalidated by the log, it needs no short life. */
  readonly l1Ttl?: number;
  /** For a result of null; default min(ttl, 10,000); 0: not cached. undefined is never cached. */
  readonly negativeTtl?: number;
  /** 0 to 0.5, default 0.1: ttl is shortened by up to this part, at random, at each fill. */
  readonly jitter?: number;
  /** Default 0.8: from this part of ttl on, a hit also refreshes in the background. */
  readonly eager?: number | false;
  /** Default false; how long after its expiry a value may stand in for a failing factory. */
  readonly failSafe?: number | false;
  /** Default 5,000: after a failure, serve stale this long before the next try. */
  readonly failSafeHold?: number;
  /** Default 200; only with a fail-safe value at hand: serve it, let the factory go on. */
  readonly softTimeout?: number;
  /** Default 10,000: `cache.timeout` to the caller. */
  readonly hardTimeout?: number;
  readonly lease?: boolean;
  readonly codec?: 'json' | 'structured' | 'bytes' | Codec;
  /** `frozen` (default): deep-frozen at fill, shared; `clone`: each hit decodes; `shared`: no protection. */
  readonly values?: 'frozen' | 'clone' | 'shared';
  /** Bytes; else estimated. */
  readonly size?: number;
}

export interface Entry<value> {
  readonly value: value | null;
  /** Strong: of the value's bytes, equal on all nodes. */
  readonly etag: string;
  readonly level: 'l1' | 'l2' | 'factory';
  readonly age: number;
  readonly freshFor: number;
  readonly tags: readonly string[];
  readonly position: Position;
  readonly stale: boolean;
}

/** `delivered: false`: the event is kept and sent again; readers elsewhere may see the old value meanwhile. */
export interface Invalidated {
  readonly position: Position | undefined;
  readonly delivered: boolean;
}

export interface ScopeOptions {
  /** Reads see nothing older. */
  readonly after?: Position;
  readonly data?: readonly DataPosition[];
  /** false: cached values may be read, nothing is stored. */
  readonly fill?: boolean;
  /** The same key gives the same value for the life of the scope; at most 1,000 keys. */
  readonly memo?: boolean;
  readonly tenant?: string;
  /** Ends the caller's wait, not the flight. */
  readonly signal?: AbortSignal;
}

export type KeyPart = string | number;

export interface RegionOptions<parts extends readonly KeyPart[], value> extends Omit<
  EntryOptions,
  'tags'
> {
  /** `[a-z][a-z0-9-]{0,31}`, unique in a process. */
  readonly name: string;
  /** A tenant region outside a tenant scope throws. */
  readonly scope: 'tenant' | 'global';
  /** Changes with the value's shape: N and N+1 do not read each other. Default 1. */
  readonly version?: number;
  readonly tags?: (...parts: parts) => readonly string[];
  /** Types only. */
  readonly value?: (value: value) => void;
}

/** Typed keys of one kind of value. */
export interface Region<parts extends readonly KeyPart[], value> {
  /** The same region for one request: its tenant, position, memo and signal. */
  in(scope: Cache): Region<parts, value>;
  getOrSet(parts: parts, factory: Factory<value>): value | Promise<value>;
  get(parts: parts): value | null | undefined | Promise<value | null | undefined>;
  entry(parts: parts): Promise<Entry<value> | undefined>;
  set(
    parts: parts,
    value: value,
    options?: { readonly mark?: Position },
  ): Promise<Position | undefined>;
  invalidate(parts: parts, options?: InvalidateOptions): Promise<Invalidated>;
  /** The key as it stands in the cache. */
  key(parts: parts): string;
}

export interface InvalidateOptions {
  /** Still good as a fail-safe value; never fresh again. */
  readonly soft?: boolean;
  /** Where the commit is in the source's log. */
  readonly data?: DataPosition;
  readonly signal?: AbortSignal;
}

export interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly flights: number;
  /** Of both levels. */
  readonly hits: number;
  readonly hitsL2: number;
  readonly misses: number;
  readonly staleServed: number;
  readonly evictions: number;
  readonly discarded: number;
  /** Share of the event index's slots in use, 0 to 1: needless misses grow with it. */
  readonly indexFill: number;
  readonly regions: Readonly<Record<string, { readonly hits: number; readonly misses: number }>>;
}

export interface CacheHealth {
  readonly blind: boolean;
  readonly pendingNames: number;
  readonly applied: Position;
  readonly known: Position;
  /** Since the log's tail was last confirmed, in ms. */
  readonly lagMs: number;
  /** What processes share; undefined: nothing. */
  readonly shared: SharedHealth | undefined;
}

/** No reader gets a value older than an invalidation that it could know of. */
export interface Cache {
  /** @returns the value itself on a hit in L1, else a promise. */
  getOrSet<value>(
    key: string,
    factory: Factory<value>,
    options?: EntryOptions,
  ): value | Promise<value>;
  /** @returns undefined: absent; null: cached «nothing». */
  get<value>(key: string): value | null | undefined | Promise<value | null | undefined>;
  entry<value>(key: string): Promise<Entry<value> | undefined>;
  /** One `load` with the keys that are missing; keys that its result lacks count as null. */
  getOrSetMany<value>(
    keys: readonly string[],
    load: (
      missing: readonly string[],
      context: FactoryContext<value>,
    ) => Promise<ReadonlyMap<string, value | null>>,
    options?: EntryOptions | ((key: string) => EntryOptions),
  ): Promise<Map<string, value | null>>;
  /** @returns undefined when an invalidation came after `mark`: nothing is stored then. */
  set(
    key: string,
    value: unknown,
    options?: EntryOptions & { readonly mark?: Position },
  ): Promise<Position | undefined>;
  /** Call it after the commit, await it before the response. */
  invalidate(names: Names, options?: InvalidateOptions): Promise<Invalidated>;
  clear(options?: { readonly soft?: boolean }): Promise<Invalidated>;
  /** Take it before reading what you will `set`. */
  mark(): Position;
  /** The same cache as one request sees it. */
  scope(options: ScopeOptions): Cache;
  region<parts extends readonly KeyPart[], value>(
    options: RegionOptions<parts, value>,
  ): Region<parts, value>;
  stats(): CacheStats;
  health(): CacheHealth;
  /** Waits at most 2 s for flights, rejects the rest with `cache.closed`. */
  close(): Promise<void>;
}

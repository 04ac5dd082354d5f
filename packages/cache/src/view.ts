import type {
  Cache,
  CacheHealth,
  CacheStats,
  Entry,
  EntryOptions,
  Factory,
  FactoryContext,
  InvalidateOptions,
  Invalidated,
  KeyPart,
  Names,
  Region,
  RegionOptions,
  ScopeOptions,
} from './cache.ts';
import type { CacheNode } from './cache-node.ts';
import type { Reader } from './judge.ts';
import { noRegion } from './counters.ts';
import { findEntry, type FoundEntry } from './find-entry.ts';
import { missed } from './l1.ts';
import { readMany } from './many.ts';
import { parsePosition, type Position } from './position.ts';
import { createRegion } from './region.ts';
import { etagOf, give } from './values.ts';
import type { Writes } from './writes.ts';

const memoKeysMax = 1_000;

/** What all views of one cache share. */
export interface Core {
  readonly node: CacheNode;
  readonly writes: Writes;
  stats(): CacheStats;
  health(): CacheHealth;
  close(): Promise<void>;
}

/** The cache as one reader sees it: the whole process, or one request. */
export class View implements Cache {
  readonly core: Core;
  readonly reader: Reader;
  readonly tenant: string | undefined;
  readonly #memo: Map<string, unknown> | undefined;

  constructor(core: Core, reader: Reader, o: Pick<ScopeOptions, 'tenant' | 'memo'>) {
    this.core = core;
    this.reader = reader;
    this.tenant = o.tenant;
    this.#memo = o.memo === true ? new Map() : undefined;
  }

  getOrSet<value>(
    key: string,
    factory: Factory<value>,
    options: EntryOptions = {},
  ): value | Promise<value> {
    return this.load(key, factory, options, noRegion);
  }

  load<value>(
    key: string,
    factory: Factory<value>,
    options: EntryOptions,
    region: number,
  ): value | Promise<value> {
    const memo = this.#memo;
    if (memo?.has(key) === true) return typed(memo.get(key));
    const hit = this.core.node.peek(this.reader, key);
    const value =
      hit === missed ? this.core.node.read(this.reader, { key, factory, options, region }) : hit;
    if (memo !== undefined && memo.size < memoKeysMax) remember(memo, key, value);
    return typed(value);
  }

  get<value>(key: string): value | null | undefined | Promise<value | null | undefined> {
    return this.find(key, noRegion);
  }

  find<value>(
    key: string,
    region: number,
    options: EntryOptions = {},
  ): value | null | undefined | Promise<value | null | undefined> {
    const known = this.#memo?.get(key);
    if (known !== undefined) return typed(known);
    const hit = this.core.node.peek(this.reader, key);
    if (hit !== missed) return typed(hit);
    return findEntry(this.core.node, this.reader, { key, region, options }).then((found) =>
      found === undefined ? undefined : typed(give(found.look)),
    );
  }

  entry<value>(key: string): Promise<Entry<value> | undefined> {
    return this.describe(key, noRegion);
  }

  async describe<value>(
    key: string,
    region: number,
    options: EntryOptions = {},
  ): Promise<Entry<value> | undefined> {
    const { node } = this.core;
    const found = await findEntry(node, this.reader, { key, region, options });
    return found === undefined ? undefined : toEntry(found, node);
  }

  async getOrSetMany<value>(
    keys: readonly string[],
    load: (
      missing: readonly string[],
      context: FactoryContext<value>,
    ) => Promise<ReadonlyMap<string, value | null>>,
    options: EntryOptions | ((key: string) => EntryOptions) = {},
  ): Promise<Map<string, value | null>> {
    return readMany(this.core.node, this.reader, keys, {
      load,
      optionsOf: typeof options === 'function' ? options : () => options,
    });
  }

  set(
    key: string,
    value: unknown,
    options: EntryOptions & { readonly mark?: Position } = {},
  ): Promise<Position | undefined> {
    return this.store(key, value, options, noRegion);
  }

  async store(
    key: string,
    value: unknown,
    options: EntryOptions & { readonly mark?: Position },
    region: number,
  ): Promise<Position | undefined> {
    this.#memo?.clear();
    if (!this.reader.fills) return undefined;
    return this.core.writes.set(key, value, options, region);
  }

  async invalidate(names: Names, options?: InvalidateOptions): Promise<Invalidated> {
    this.#memo?.clear();
    return this.core.writes.invalidate(names, options);
  }

  async clear(options?: { readonly soft?: boolean }): Promise<Invalidated> {
    this.#memo?.clear();
    return this.core.writes.clear(options);
  }

  mark(): Position {
    return this.core.node.needs.log.position();
  }

  scope(options: ScopeOptions): Cache {
    const after = options.after === undefined ? undefined : parsePosition(options.after);
    const reader = {
      after: after?.seq ?? -1,
      epoch: after?.epoch ?? -1,
      data: options.data ?? [],
      fills: options.fill ?? true,
      signal: options.signal,
    };
    return new View(this.core, reader, options);
  }

  region<parts extends readonly KeyPart[], value>(
    options: RegionOptions<parts, value>,
  ): Region<parts, value> {
    return createRegion(this, options, (scope) => (scope instanceof View ? scope : undefined));
  }

  addRegion(name: string): number {
    return this.core.node.needs.counters.addRegion(name);
  }

  stats(): CacheStats {
    return this.core.stats();
  }

  health(): CacheHealth {
    return this.core.health();
  }

  close(): Promise<void> {
    return this.core.close();
  }
}

/** The same value, or the same promise, for the life of the scope; a failure is tried again. */
function remember(memo: Map<string, unknown>, key: string, value: unknown): void {
  memo.set(key, value);
  if (value instanceof Promise) value.catch(() => memo.delete(key));
}

function toEntry<value>({ look, level }: FoundEntry, node: CacheNode): Entry<value> {
  const { log, now } = node.needs;
  return {
    value: typed(give(look)),
    etag: etagOf(look.kept, look.codec),
    level,
    age: now() - look.writtenAt,
    freshFor: Math.max(0, look.expiry - now()),
    tags: look.tags,
    position: log.position(look.position),
    stale: false,
  };
}

/** A key's values have the type that its factory gives: the caller says it, as with any cache. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it is the type of the key's factory
function typed<value>(value: unknown): value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a key holds was put there under this type
  return value as value;
}

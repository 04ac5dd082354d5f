import type { EntryOptions, FactoryContext } from './cache.ts';
import type { CacheNode } from './cache-node.ts';
import { noRegion } from './counters.ts';
import { highestOf } from './data-rings.ts';
import type { Reader } from './judge.ts';
import { missed } from './l1.ts';

interface ManyOptions<value> {
  load(
    missing: readonly string[],
    context: FactoryContext<value>,
  ): Promise<ReadonlyMap<string, value | null>>;
  optionsOf(key: string): EntryOptions;
}

/** Reads each key as one read; the keys whose factories would run share one `load`. */
export async function readMany<value>(
  node: CacheNode,
  reader: Reader,
  keys: readonly string[],
  { load, optionsOf }: ManyOptions<value>,
): Promise<Map<string, value | null>> {
  const loaded = Promise.withResolvers<ReadonlyMap<string, value | null>>();
  loaded.promise.catch(() => 'heard by the reads of the keys');
  const missing = new Map<string, FactoryContext<unknown>>();
  let isCalled = false;
  let entered = 0;
  let isRead = false;

  const call = () => {
    if (isCalled) return;
    isCalled = true;
    if (missing.size === 0) return;
    load([...missing.keys()], contextOf([...missing.values()])).then(loaded.resolve, loaded.reject);
  };
  // Once all have looked elsewhere, the factories of what was nowhere run before the next turn.
  const callSoon = () => {
    if (isRead && entered === 0) setImmediate(call);
  };
  const batch = {
    enter: () => void (entered += 1),
    leave() {
      entered -= 1;
      callSoon();
    },
  };

  // Factories run at once, in the call of `read`, or later, where a read first waited for something.
  const factoryOf = (key: string) => (context: FactoryContext<unknown>) => {
    if (isCalled) return load([key], contextOf([context])).then((found) => found.get(key) ?? null);
    missing.set(key, context);
    return loaded.promise.then((found) => found.get(key) ?? null);
  };
  const reads = [...new Set(keys)].map((key) => {
    const hit = node.peek(reader, key);
    if (hit !== missed) return { key, value: hit };
    const options = optionsOf(key);
    const request = { key, factory: factoryOf(key), options, region: noRegion, batch };
    return { key, value: node.read(reader, request) };
  });
  isRead = true;
  if (entered === 0) call();
  else callSoon();

  const values = await Promise.all(
    reads.map(async ({ key, value }) => [key, await value] as const),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value came from `load` or from a read of the same key
  return new Map(values) as Map<string, value | null>;
}

/** One context for the contexts of many keys that were captured in the same turn. */
function contextOf<value>(contexts: readonly FactoryContext<unknown>[]): FactoryContext<value> {
  const [first] = contexts;
  if (first === undefined) throw new TypeError('There is a key to load.');
  return {
    signal: first.signal,
    position: first.position,
    minData: highestOf(contexts.flatMap(({ minData }) => minData)),
    stale: undefined,
    tag(...tags) {
      for (const context of contexts) context.tag(...tags);
    },
    ttl(ms) {
      for (const context of contexts) context.ttl(ms);
    },
    readAt(position) {
      for (const context of contexts) context.readAt(position);
    },
    notModified() {
      throw new TypeError('Many keys have no one stale value.');
    },
  };
}

import type { CacheStats } from './cache.ts';
import type { CacheNode } from './cache-node.ts';
import type { Counters } from './counters.ts';

export function statsOf(node: CacheNode, counters: Counters): CacheStats {
  const regions = counters.regions.map((name, id) => {
    const hits = (counters.hits[id] ?? 0) + (counters.hits2[id] ?? 0);
    return [name, { hits, misses: counters.missesOf(id) }] as const;
  });
  const sum = (of: 'hits' | 'misses') => regions.reduce((all, [, counts]) => all + counts[of], 0);
  const { l1, log } = node.needs;
  return {
    entries: l1.size,
    bytes: l1.bytes,
    flights: node.flights,
    hits: sum('hits'),
    hitsL2: counters.hits2.reduce((all, count) => all + count, 0),
    misses: sum('misses'),
    staleServed: counters.staleServed,
    evictions: l1.evictions,
    discarded: [...counters.discarded.values()].reduce((all, count) => all + count, 0),
    indexFill: log.fill(),
    regions: Object.fromEntries(regions),
  };
}

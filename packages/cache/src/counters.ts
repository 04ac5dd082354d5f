import type { Meter } from '@plinth/core';

export type MissReason = 'absent' | 'expired' | 'invalidated' | 'unverifiable';
export type DiscardReason = 'invalidated' | 'data' | 'data_unknown' | 'scope' | 'ttl' | 'codec';
const missReasons = ['absent', 'expired', 'invalidated', 'unverifiable'] as const;
const regionsMax = 200;

/** Region 0: what is read without a region. */
export const noRegion = 0;
const noRegionName = '_none';

/** What the cache counts: an integer add each, by region number. */
export class Counters {
  readonly hits: number[] = [0];
  readonly misses: Readonly<Record<MissReason, number[]>> = {
    absent: [],
    expired: [],
    invalidated: [],
    unverifiable: [],
  };
  readonly discarded = new Map<DiscardReason, number>();
  readonly regions: string[] = [noRegionName];
  staleServed = 0;
  factoryErrors = 0;
  bypassed = 0;

  /** @throws {TypeError} for a name that is taken, or one too many. */
  addRegion(name: string): number {
    if (this.regions.includes(name)) throw new TypeError(`Two regions are named ${name}.`);
    if (this.regions.length > regionsMax) throw new TypeError(`More than ${regionsMax} regions.`);
    this.hits.push(0);
    return this.regions.push(name) - 1;
  }

  miss(region: number, reason: MissReason): void {
    const counts = this.misses[reason];
    counts[region] = (counts[region] ?? 0) + 1;
  }

  discard(reason: DiscardReason): void {
    this.discarded.set(reason, (this.discarded.get(reason) ?? 0) + 1);
  }

  missesOf(region: number): number {
    return missReasons.reduce((sum, reason) => sum + (this.misses[reason][region] ?? 0), 0);
  }
}

interface Gauges {
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
  readonly flights: number;
}

const region = { declared: true } as const;

function named(name: string, help: string) {
  return { name: `plinth_cache_${name}`, help, unit: '1' } as const;
}

export function exportCounters(meter: Meter, counters: Counters, gauges: () => Gauges): void {
  const reason = { declared: true } as const;
  const level = { oneOf: ['l1', 'l2'] } as const;
  const hits = named('hits_total', 'Reads answered from the cache.');
  meter.observable({ ...hits, labels: { region, level } }, (set) => {
    for (const [id, name] of counters.regions.entries()) {
      set(counters.hits[id] ?? 0, { region: name, level: 'l1' });
    }
  });
  const misses = named('misses_total', 'Reads that ran a factory or found nothing.');
  meter.observable({ ...misses, labels: { region, reason } }, (set) => {
    for (const why of missReasons) {
      for (const [id, count] of counters.misses[why].entries()) {
        if (count > 0) set(count, { region: counters.regions[id] ?? '', reason: why });
      }
    }
  });
  const discarded = named('fill_discarded_total', 'Values that were not stored.');
  meter.observable({ ...discarded, labels: { reason } }, (set) => {
    for (const [why, count] of counters.discarded) set(count, { reason: why });
  });
  const stale = named('stale_served_total', 'Expired values served for a failing or slow factory.');
  meter.observable({ ...stale, labels: { reason } }, (set) =>
    set(counters.staleServed, { reason: 'fail_safe' }),
  );
  const evicted = named('evictions_total', 'Entries that left for lack of room.');
  meter.observable({ ...evicted, labels: { reason } }, (set) =>
    set(gauges().evictions, { reason: 'size' }),
  );
  const plain = [
    [named('factory_errors_total', 'Factories that failed.'), () => counters.factoryErrors],
    [named('token_bypass_total', 'Reads past the cache.'), () => counters.bypassed],
    [named('entries', 'Entries in L1.'), () => gauges().entries],
    [named('bytes', 'Bytes in L1.'), () => gauges().bytes],
    [named('flights', 'Loads that run.'), () => gauges().flights],
  ] as const;
  for (const [def, read] of plain) {
    meter.observable({ ...def, labels: {} }, (set) => set(read()));
  }
}

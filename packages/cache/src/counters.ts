import type { Meter } from '@plinth/core';

import type { CacheHealth } from './cache.ts';

const missReasons = [
  'absent',
  'expired',
  'invalidated',
  'unverifiable',
  'blind',
  'l2_timeout',
  'corrupt',
] as const;
export type MissReason = (typeof missReasons)[number];
export type DiscardReason =
  | 'invalidated'
  | 'data'
  | 'data_unknown'
  | 'scope'
  | 'ttl'
  | 'codec'
  | 'epoch'
  | 'pending'
  | 'blind';
export type LeaseResult = 'own' | 'waited' | 'taken_over' | 'expired';
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
    blind: [],
    l2_timeout: [],
    corrupt: [],
  };
  /** Hits of the second level, by region: misses of L1 that ran no factory. */
  readonly hits2: number[] = [0];
  readonly leases = new Map<LeaseResult, number>();
  readonly troubles = { read: 0, write: 0 };
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
    this.hits2.push(0);
    return this.regions.push(name) - 1;
  }

  miss(region: number, reason: MissReason): void {
    const counts = this.misses[reason];
    counts[region] = (counts[region] ?? 0) + 1;
  }

  discard(reason: DiscardReason): void {
    this.discarded.set(reason, (this.discarded.get(reason) ?? 0) + 1);
  }

  hit2(region: number): void {
    this.hits2[region] = (this.hits2[region] ?? 0) + 1;
  }

  lease(result: LeaseResult): void {
    this.leases.set(result, (this.leases.get(result) ?? 0) + 1);
  }

  /** The second level did not answer in time, or with an error. */
  trouble(op: 'read' | 'write'): void {
    this.troubles[op] += 1;
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
  readonly health: CacheHealth;
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
      const below = counters.hits2[id] ?? 0;
      if (below > 0) set(below, { region: name, level: 'l2' });
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
    [named('blind', '1: the log is not heard.'), () => Number(gauges().health.blind)],
    [named('pending_names', 'Names to be invalidated.'), () => gauges().health.pendingNames],
    [
      named('breaker_state', '1: the second level is not asked.'),
      () => Number(gauges().health.shared?.isOpen === false),
    ],
    [
      named('events_resent_total', 'Events that an anchor sent again.'),
      () => gauges().health.shared?.resent ?? 0,
    ],
  ] as const;
  for (const [def, read] of plain) {
    meter.observable({ ...def, labels: {} }, (set) => set(read()));
  }
  exportShared(meter, counters, gauges);
}

function exportShared(meter: Meter, counters: Counters, gauges: () => Gauges): void {
  const lag = named('log_lag_seconds', 'Since the log was last confirmed.');
  meter.observable({ ...lag, unit: 's', labels: {} }, (set) => {
    const { lagMs } = gauges().health;
    if (Number.isFinite(lagMs)) set(lagMs / 1_000);
  });
  const lease = named('lease_total', 'Leases asked for.');
  const result = { declared: true } as const;
  meter.observable({ ...lease, labels: { result } }, (set) => {
    for (const [how, count] of counters.leases) set(count, { result: how });
  });
  const anchors = named('anchors_total', 'Starts after the order of events was lost.');
  meter.observable({ ...anchors, labels: { reason: { declared: true } } }, (set) => {
    for (const [why, count] of Object.entries(gauges().health.shared?.anchors ?? {})) {
      if (count > 0) set(count, { reason: why });
    }
  });
}

import { randomInt } from 'node:crypto';

import { noTelemetry, type Clock, type Telemetry } from '@plinth/core';

import type { Cache, CacheStats } from './cache.ts';
import { CacheNode } from './cache-node.ts';
import { Counters, exportCounters } from './counters.ts';
import { L1 } from './l1.ts';
import { LogView } from './log-view.ts';
import { createMemoryLog } from './memory-log.ts';
import type { Log } from './ports.ts';
import type { DataPosition } from './position.ts';
import { TurnClock } from './turn-clock.ts';
import { anyone, View, type Core } from './view.ts';
import { Writes } from './writes.ts';

export interface CacheOptions {
  readonly clock: Clock;
  readonly telemetry?: Telemetry;
  /** `CACHE_L1_BYTES`, default 64 MiB. */
  readonly l1Bytes?: number;
  /** `CACHE_L1_ENTRIES`, default 100,000. */
  readonly l1Entries?: number;
  /** Default true: a value that its codec refuses is thrown; false: counted and not kept. */
  readonly strict?: boolean;
  /** Where every source is now, from its primary: asked once, at the start. */
  readonly dataNow?: () => Promise<readonly DataPosition[]>;
  /** 0 to 1; tests give a seeded one. */
  readonly random?: () => number;
  /** Default: a counter of this process. */
  readonly log?: Log;
}

const l1BytesDefault = 64 * 1_048_576;
const l1EntriesDefault = 100_000;

/** A cache of this process. @throws {Problem} `cache.config`. */
export async function createCache(options: CacheOptions): Promise<Cache> {
  const { clock, telemetry = noTelemetry, random = randomRatio } = options;
  const counters = new Counters();
  const turn = new TurnClock(clock);
  const now = () => turn.now();
  const bytesMax = options.l1Bytes ?? l1BytesDefault;
  const entriesMax = options.l1Entries ?? l1EntriesDefault;
  const l1 = new L1({ bytesMax, entriesMax, counters, now });
  const log = options.log ?? createMemoryLog(createEpoch(clock, random));
  const logView = new LogView({ log, l1, random, dataNow: options.dataNow });
  const observe = createObserver(telemetry, counters);
  const isStrict = options.strict ?? true;
  const node = new CacheNode({ clock, random, l1, log: logView, counters, now, isStrict, observe });
  await logView.start();
  exportCounters(telemetry.meter, counters, () => ({
    entries: l1.size,
    bytes: l1.bytes,
    evictions: l1.evictions,
    flights: node.flights,
  }));
  const core: Core = {
    node,
    writes: new Writes(node, log),
    stats: () => statsOf(node, counters, logView),
    health: () => ({
      blind: false,
      pendingNames: 0,
      applied: logView.position(logView.applied),
      known: logView.position(),
    }),
    async close() {
      await node.close();
      await log.close();
    },
  };
  return new View(core, anyone, {});
}

function statsOf(node: CacheNode, counters: Counters, log: LogView): CacheStats {
  const regions = counters.regions.map((name, id) => {
    const hits = counters.hits[id] ?? 0;
    return [name, { hits, misses: counters.missesOf(id) }] as const;
  });
  const sum = (of: 'hits' | 'misses') => regions.reduce((all, [, counts]) => all + counts[of], 0);
  const { l1 } = node.needs;
  return {
    entries: l1.size,
    bytes: l1.bytes,
    flights: node.flights,
    hits: sum('hits'),
    misses: sum('misses'),
    staleServed: counters.staleServed,
    evictions: l1.evictions,
    discarded: [...counters.discarded.values()].reduce((all, count) => all + count, 0),
    indexFill: log.fill(),
    regions: Object.fromEntries(regions),
  };
}

function createObserver({ meter }: Telemetry, counters: Counters) {
  const seconds = meter.histogram({
    name: 'plinth_cache_factory_seconds',
    help: 'Time that a factory took.',
    unit: 's',
    labels: { region: { declared: true } },
  });
  const bound = new Map<number, ReturnType<typeof seconds.bind>>();
  return (region: number, took: number) => {
    const known = bound.get(region) ?? seconds.bind({ region: counters.regions[region] ?? '' });
    bound.set(region, known);
    known.observe(took);
  };
}

/** Seconds and 20 random bits: no two processes have the same, so a token of the one says nothing to the other. */
function createEpoch(clock: Clock, random: () => number): number {
  return Math.floor(clock.now() / 1_000) * 2 ** 20 + Math.floor(random() * 2 ** 20);
}

const randomMax = 2 ** 47;
function randomRatio(): number {
  return randomInt(randomMax) / randomMax;
}

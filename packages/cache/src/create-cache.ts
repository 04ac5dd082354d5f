import { randomInt } from 'node:crypto';

import { noTelemetry, Problem, type Clock, type Telemetry } from '@plinth/core';

import type { Cache, CacheHealth, CacheStats } from './cache.ts';
import { CacheNode } from './cache-node.ts';
import { Counters, exportCounters } from './counters.ts';
import { Fills } from './fills.ts';
import { Judge, noReader } from './judge.ts';
import { L1 } from './l1.ts';
import { LogView } from './log-view.ts';
import { createMemoryLog } from './memory-log.ts';
import { Pending } from './pending.ts';
import type { Shared } from './ports.ts';
import type { DataPosition } from './position.ts';
import { SecondLevel } from './second-level.ts';
import { statsOf } from './stats.ts';
import { TurnClock } from './turn-clock.ts';
import { View, type Core } from './view.ts';
import { late, orLate } from './waits.ts';
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
  /** Where every source is now, from its primary: asked at the start and wherever the order was lost. */
  readonly dataNow?: () => Promise<readonly DataPosition[]>;
  /** 0 to 1; tests give a seeded one. */
  readonly random?: () => number;
  /** What other processes share with this one, of `connectRedis`; default: nothing, the log is a counter. */
  readonly shared?: Shared;
  /** `CACHE_CATCH_UP`: how long a reader waits for what its position names, default 50 ms. */
  readonly catchUpMs?: number;
  /** `CACHE_BLIND_AFTER`: unconfirmed for this long, the log counts as unheard, default 2,500 ms. */
  readonly blindAfterMs?: number;
  /** `CACHE_BLIND_TTL`: how long a fill lives then, default 2,000 ms; 0: none is kept. */
  readonly blindTtlMs?: number;
  /** `CACHE_JOIN_TIMEOUT`: how long the start waits for the log, default 2,000 ms; then it begins blind. */
  readonly joinTimeoutMs?: number;
}

const l1BytesDefault = 64 * 1_048_576;
const l1EntriesDefault = 100_000;
const catchUpMsDefault = 50;
const blindAfterMsDefault = 2_500;
const blindTtlMsDefault = 2_000;
const joinTimeoutMsDefault = 2_000;

/**
 * A cache of this process; with `shared`, one of many that know of each other's invalidations.
 *
 * @throws {Problem} `cache.config`, also for a server that will never do: too old, or a wrong password.
 */
export async function createCache(options: CacheOptions): Promise<Cache> {
  const { clock, telemetry = noTelemetry, shared } = options;
  const { node, log, logView, counters } = createNode(options);
  const { pending, l1 } = node.needs;
  const stop = async () => {
    pending.stop();
    logView.end();
    await log.close();
    await shared?.store.close();
  };
  const { joinTimeoutMs = joinTimeoutMsDefault } = options;
  await join(logView, clock, joinTimeoutMs).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const health = () => healthOf(node, shared);
  exportCounters(telemetry.meter, counters, () => ({
    entries: l1.size,
    bytes: l1.bytes,
    evictions: l1.evictions,
    flights: node.flights,
    health: health(),
  }));
  const core: Core = {
    node,
    writes: new Writes(node, log),
    stats: (): CacheStats => statsOf(node, counters),
    health,
    async close() {
      await node.close();
      await pending.send();
      await stop();
    },
  };
  return new View(core, noReader, {});
}

function createNode(options: CacheOptions) {
  const { clock, telemetry = noTelemetry, random = randomRatio, shared } = options;
  const { l1Bytes = l1BytesDefault, l1Entries = l1EntriesDefault } = options;
  const { blindAfterMs = blindAfterMsDefault, blindTtlMs = blindTtlMsDefault } = options;
  const { catchUpMs = catchUpMsDefault, strict = true, dataNow } = options;
  const counters = new Counters();
  const turn = new TurnClock(clock, (at) => logView.blindSince(at) !== Infinity);
  const now = () => turn.now();
  const hitNow = () => turn.hitNow();
  const l1 = new L1({ bytesMax: l1Bytes, entriesMax: l1Entries, counters, now, hitNow });
  const log = shared?.log ?? createMemoryLog(createEpoch(clock, random));
  const logView: LogView = new LogView({ log, l1, clock, random, blindAfterMs, dataNow });
  const pending = new Pending({ l1, log, view: logView, clock });
  const base = { l1, log: logView, pending, counters, clock, now, random };
  const nodeId = Math.floor(random() * 2 ** 40).toString(36);
  const level = shared && new SecondLevel({ ...base, store: shared.store, nodeId });
  const node = new CacheNode({
    ...base,
    level,
    judge: new Judge(base),
    fills: new Fills({ ...base, level, blindTtlMs }),
    catchUpMs,
    isStrict: strict,
    observe: createObserver(telemetry, counters),
  });
  return { node, log, logView, counters };
}

/** A server that is away is no reason not to start: until it is there, the node is blind. */
async function join(view: LogView, clock: Clock, timeoutMs: number): Promise<void> {
  const settled = new AbortController();
  const started = view.start();
  started.catch(() => 'told by the race, where it still runs');
  try {
    const first = await orLate(started, clock, timeoutMs, settled.signal);
    if (first === late) return;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('The cache has no log.', {
      code: 'cache.config',
      kind: 'internal',
      cause: error,
    });
  } finally {
    settled.abort();
  }
}

function healthOf({ needs }: CacheNode, shared: Shared | undefined): CacheHealth {
  const { log, pending, clock } = needs;
  const now = clock.mono();
  return {
    blind: log.blindSince(now) !== Infinity,
    pendingNames: pending.names,
    applied: log.position(log.applied),
    known: log.position(),
    lagMs: shared === undefined ? 0 : Math.max(0, now - log.confirmedAt),
    shared: shared?.describe(),
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

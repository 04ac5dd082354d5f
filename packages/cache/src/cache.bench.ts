import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { systemClock } from '@plinth/core';
import { startRedis } from '@plinth/testing/redis';
import { Redis } from 'ioredis';

import type { Cache, EntryOptions } from './cache.ts';
import { createCache } from './create-cache.ts';
import { connectRedis } from './redis/index.ts';
import { createRandom } from './seeded-random.ts';

/** What the bench uses of its peers, which stand apart from the workspaces. */
interface Lru {
  new (options: object): { get(key: string): unknown; set(key: string, value: unknown): unknown };
}
interface Asked {
  readonly key: string;
  readonly ttl: number;
  readonly tags?: readonly string[];
  factory(): unknown;
}
interface Bento {
  getOrSet(asked: Asked): Promise<unknown>;
  disconnectAll(): Promise<void>;
}
interface BentoModule {
  readonly BentoCache: new (options: object) => Bento;
  bentostore(): { useL1Layer(driver: unknown): unknown; useL2Layer(driver: unknown): unknown };
}
interface Cacheable {
  getOrSet(key: string, factory: () => Promise<unknown>, options: object): Promise<unknown>;
}

const keyCount = 100_000;
const capacity = 120_000;
const rounds = 5;
const seed = 20_260_115;
const ttl = 3_600_000;
const inFlight = 64;

const value = (n: number) => ({
  id: n,
  name: `customer ${n}`,
  lines: Array.from({ length: 8 }, (_, line) => ({
    line,
    text: `a line of text ${line}`,
    net: 1_234,
  })),
  note: 'x'.repeat(250),
});
const keys = Array.from({ length: keyCount }, (_, n) => `invoice:tenant-17:${n}`);
const tagsOf = (n: number) => [`i:${n % 500}`, `t:${n % 50}`];

/** Which key comes when, by Zipf's law with exponent .99. */
function zipf(count: number, among: number): Uint32Array {
  const sums = new Float64Array(among);
  let sum = 0;
  for (let n = 0; n < among; n += 1) sums[n] = sum += 1 / (n + 1) ** 0.99;
  const random = createRandom(seed);
  return Uint32Array.from({ length: count }, () => {
    const wanted = random() * sum;
    let low = 0;
    let high = among - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

async function perSecond(count: number, work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - began);
}

interface Measured {
  ours(): Promise<number>;
  peer(): Promise<number>;
}

async function inTurns({ ours, peer }: Measured, oursFirst: boolean) {
  if (oursFirst) return { ours: await ours(), peer: await peer() };
  const other = await peer();
  return { ours: await ours(), peer: other };
}

interface Claim extends Measured {
  readonly name: string;
  readonly peerName: string;
  readonly target: number;
}

async function load(path: string): Promise<unknown> {
  return import(pathToFileURL(resolve('bench/node_modules', path)).href);
}

/** Every key is there. */
const read = () => 'never called';

async function loadPeers() {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- peers of exact versions; a wrong shape fails at once
  const { LRUCache } = (await load('lru-cache/dist/esm/index.js')) as {
    LRUCache: Lru;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const bento = (await load('bentocache/build/index.js')) as BentoModule;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const memory = (await load('bentocache/build/src/drivers/memory.js')) as {
    memoryDriver(options: object): unknown;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const redis = (await load('bentocache/build/src/drivers/redis.js')) as {
    redisDriver(options: object): unknown;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const { Cacheable: CacheableClass } = (await load('cacheable/dist/index.mjs')) as {
    Cacheable: new () => Cacheable;
  };
  return { LRUCache, bento, memory, redis, cacheable: new CacheableClass() };
}
type Peers = Awaited<ReturnType<typeof loadPeers>>;

const still: EntryOptions = { ttl, jitter: 0, eager: false };

async function memoryClaims({ LRUCache, bento, memory, cacheable }: Peers, cache: Cache) {
  const lru = new LRUCache({ max: capacity, ttl });
  const store = bento.bentostore().useL1Layer(memory.memoryDriver({ maxItems: capacity }));
  const peer = new bento.BentoCache({ default: 'l1', stores: { l1: store } });
  for (const [n, key] of keys.entries()) {
    lru.set(key, value(n));
    await cache.getOrSet(key, () => value(n), { ...still, tags: tagsOf(n) });
    await peer.getOrSet({ key, ttl, tags: tagsOf(n), factory: () => value(n) });
    await cacheable.getOrSet(key, async () => value(n), { ttl });
  }
  const many = zipf(2_000_000, keyCount);
  const fewer = many.subarray(0, 40_000);
  const awaited = () =>
    perSecond(fewer.length, async () => {
      for (const n of fewer) await cache.getOrSet(keys[n] ?? '', read, still);
    });
  const bentoOf = (tags: boolean) => () =>
    perSecond(fewer.length, async () => {
      for (const n of fewer) {
        const asked = { key: keys[n] ?? '', ttl, factory: read };
        await peer.getOrSet(tags ? { ...asked, tags: tagsOf(n) } : asked);
      }
    });
  const claims: Claim[] = [
    {
      name: 'l1',
      peerName: 'lru-cache get with ttl',
      target: 1,
      ours: () =>
        perSecond(many.length, () => {
          for (const n of many) void cache.getOrSet(keys[n] ?? '', read, still);
        }),
      peer: () =>
        perSecond(many.length, () => {
          for (const n of many) lru.get(keys[n] ?? '');
        }),
    },
    { name: 'await', peerName: 'bentocache', target: 10, ours: awaited, peer: bentoOf(false) },
    {
      name: 'await-tags',
      peerName: 'bentocache with tags',
      target: 25,
      ours: awaited,
      peer: bentoOf(true),
    },
    {
      name: 'await-cacheable',
      peerName: 'cacheable',
      target: 70,
      ours: awaited,
      peer: () =>
        perSecond(fewer.length, async () => {
          for (const n of fewer)
            await cacheable.getOrSet(keys[n] ?? '', async () => read(), { ttl });
        }),
    },
  ];
  return { claims, close: () => peer.disconnectAll() };
}

/** So many readers at once, each with its next key when it has its last. */
async function readAll(order: Uint32Array, ask: (key: string) => unknown): Promise<void> {
  let next = 0;
  const reader = async () => {
    while (next < order.length) {
      const key = keys[order[next++] ?? 0] ?? '';
      await ask(key);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, reader));
}

async function redisClaims({ bento, redis }: Peers, url: string) {
  const place = { kind: 'redis', url } as const;
  const shared = connectRedis({ place, ns: 'bench', clock: systemClock, timeoutMs: 10_000 });
  const cache = await createCache({ clock: systemClock, shared, blindAfterMs: 60_000 });
  const raw = new Redis(url, { enableAutoPipelining: true });
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port) };
  const store = bento.bentostore().useL2Layer(redis.redisDriver({ connection }));
  const peer = new bento.BentoCache({ default: 'l2', stores: { l2: store } });
  const few = 5_000;
  const below: EntryOptions = { ...still, l1: false };
  for (let n = 0; n < few; n += 1) {
    const key = keys[n] ?? '';
    await cache.getOrSet(key, () => value(n), below);
    await raw.set(`raw:${key}`, JSON.stringify(value(n)));
    await peer.getOrSet({ key, ttl, factory: () => value(n) });
  }
  const order = zipf(30_000, few);
  const ours = () =>
    perSecond(order.length, () => readAll(order, (key) => cache.getOrSet(key, read, below)));
  const claims: Claim[] = [
    {
      name: 'l2',
      peerName: 'ioredis, auto-pipelined GET and JSON.parse',
      target: 1,
      ours,
      peer: () =>
        perSecond(order.length, () =>
          readAll(order, async (key): Promise<unknown> => {
            const text = await raw.get(`raw:${key}`);
            return JSON.parse(text ?? 'null');
          }),
        ),
    },
    {
      name: 'l2-bento',
      peerName: 'bentocache on Redis',
      target: 2,
      ours,
      peer: () =>
        perSecond(order.length, () =>
          readAll(order, (key) => peer.getOrSet({ key, ttl, factory: read })),
        ),
    },
  ];
  const close = async () => {
    await cache.close();
    await peer.disconnectAll();
    raw.disconnect();
  };
  return { claims, close };
}

export const bench = {
  name: 'cache',
  async open() {
    const ends: (() => Promise<unknown>)[] = [];
    const peers = await loadPeers();
    const server = await startRedis({ after: (end) => ends.unshift(end) });
    const cache = await createCache({
      clock: systemClock,
      l1Bytes: 1_073_741_824,
      l1Entries: capacity,
    });
    ends.unshift(() => cache.close());
    const memory = await memoryClaims(peers, cache);
    const redis = await redisClaims(peers, server.url);
    ends.unshift(memory.close, redis.close);
    return {
      cases: [...memory.claims, ...redis.claims].map((claim) => ({
        name: claim.name,
        unit: 'reads/s',
        better: 'higher' as const,
        peerName: claim.peerName,
        target: claim.target,
        rounds,
        measure: (oursFirst: boolean) => inTurns(claim, oursFirst),
      })),
      async close() {
        for (const end of ends) await end();
      },
    };
  },
};

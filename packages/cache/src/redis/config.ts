import {
  bytes,
  defineConfig,
  duration,
  env,
  envOptional,
  envSecret,
  wholeNumber,
} from '@plinth/core';
import type { Clock, Loaded, Log } from '@plinth/core';
import { z } from '@plinth/core/z';

import { connectRedis } from './connect-redis.ts';
import { addressOf, valueClient, type Address, type RedisPlace } from './place.ts';
import { configProblem } from './session.ts';

const addresses = z
  .string()
  .regex(/^[^\s,:]+:\d+(?:,[^\s,:]+:\d+)*$/u, 'is HOST:PORT, more by comma')
  .transform((text): Address[] =>
    text.split(',').map((one) => {
      const [host = '', port = ''] = one.split(':');
      return { host, port: Number(port) };
    }),
  );

/** What processes share of the cache, and how much of it each has for itself. */
export const cacheConfig = defineConfig('cache', {
  kind: envOptional('CACHE_L2', z.enum(['none', 'redis', 'sentinel', 'cluster']), {
    doc: 'What processes share: none, redis, sentinel, cluster; unset: redis where REDIS_URL is set',
  }),
  url: envSecret('REDIS_URL', z.url(), {
    doc: 'Redis 7.0 or newer; for sentinel and cluster its user, password and TLS count',
  }),
  sentinels: envOptional('REDIS_SENTINELS', addresses, { doc: 'Sentinels, HOST:PORT by comma' }),
  master: env('REDIS_MASTER', z.string().min(1), {
    default: 'plinth',
    doc: 'The name under which the sentinels know the master',
  }),
  nodes: envOptional('REDIS_NODES', addresses, {
    doc: 'Nodes of a cluster to begin with, HOST:PORT by comma; unset: that of REDIS_URL',
  }),
  ns: env('CACHE_NS', z.string().regex(/^[a-z0-9-]{1,32}$/u, 'is a–z, digits and hyphens'), {
    default: 'plinth',
    doc: 'Caches of one namespace share everything',
  }),
  l1Bytes: env('CACHE_L1_BYTES', bytes, { default: 67_108_864, doc: 'Memory level of a process' }),
  l1Entries: env('CACHE_L1_ENTRIES', wholeNumber(100, 10_000_000), {
    default: 100_000,
    doc: 'Entries of the memory level',
  }),
  logMax: env('CACHE_LOG_MAX', wholeNumber(1_000, 100_000_000), {
    default: 1_000_000,
    doc: 'Invalidations that Redis keeps, for nodes that start or were away',
  }),
  timeoutMs: env('CACHE_L2_TIMEOUT', duration, {
    default: 50,
    doc: 'What a miss waits for Redis at most',
  }),
  appendTimeoutMs: env('CACHE_APPEND_TIMEOUT', duration, {
    default: 250,
    doc: 'What an invalidation waits for its place in the log; then it is pending',
  }),
  catchUpMs: env('CACHE_CATCH_UP', duration, {
    default: 50,
    doc: 'How long a reader waits for the invalidation that its position names',
  }),
  blindAfterMs: env('CACHE_BLIND_AFTER', duration, {
    default: 2_500,
    doc: 'Unconfirmed for this long, the log counts as unheard',
  }),
  blindTtlMs: env('CACHE_BLIND_TTL', duration, {
    default: 2_000,
    doc: 'How long what is read then is kept',
  }),
  joinTimeoutMs: env('CACHE_JOIN_TIMEOUT', duration, {
    default: 2_000,
    doc: 'How long a start waits for the log',
  }),
});

function valuesOf(loaded: Loaded) {
  return loaded.of(cacheConfig);
}

/**
 * The options of `createCache` that the configuration names. Without `shared` this process has its cache for itself.
 *
 * @throws {Problem} `cache.config` where a kind lacks its addresses.
 */
export function cacheOptionsOf(loaded: Loaded, clock: Clock, log: Log) {
  const values = valuesOf(loaded);
  const place = placeOf(values);
  const { ns, logMax, timeoutMs, appendTimeoutMs } = values;
  const { l1Bytes, l1Entries, catchUpMs, blindAfterMs, blindTtlMs, joinTimeoutMs } = values;
  const options = { clock, l1Bytes, l1Entries, catchUpMs, blindAfterMs, blindTtlMs, joinTimeoutMs };
  if (place === undefined) return options;
  const shared = connectRedis({ place, ns, clock, log, logMax, timeoutMs, appendTimeoutMs });
  return { ...options, shared };
}

/**
 * New connections to the Redis of the configuration, for others that need their own, such as realtime: they come
 * back by themselves, keep nothing for later and send nothing twice. Undefined without Redis.
 *
 * @throws {Problem} `cache.config` where a kind lacks its addresses.
 */
export function redisConnectionsOf(loaded: Loaded) {
  const values = valuesOf(loaded);
  const place = placeOf(values);
  if (place === undefined) return undefined;
  return { kind: place.kind, ns: values.ns, connect: () => valueClient(place) };
}

function placeOf(values: ReturnType<typeof valuesOf>): RedisPlace | undefined {
  const { url, master, nodes } = values;
  const given = url?.reveal();
  const kind = values.kind ?? (given === undefined ? 'none' : 'redis');
  if (kind === 'none') return undefined;
  // Group members are named apart: the URL then tells how to sign in.
  if (kind === 'sentinel') {
    const sentinels = needed(values.sentinels, 'CACHE_L2=sentinel needs REDIS_SENTINELS.');
    return { kind, url: given ?? 'redis://sentinel', sentinels, master };
  }
  if (kind === 'cluster' && nodes !== undefined) {
    return { kind, url: given ?? 'redis://cluster', nodes };
  }
  const known = needed(given, `CACHE_L2=${kind} needs REDIS_URL.`);
  return kind === 'redis' ? { kind, url: known } : { kind, url: known, nodes: [addressOf(known)] };
}

function needed<value>(value: value | undefined, message: string): value {
  if (value === undefined) throw configProblem(message);
  return value;
}

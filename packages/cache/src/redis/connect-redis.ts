import { noLog, type Clock, type Log } from '@plinth/core';

import type { Shared, SharedHealth } from '../ports.ts';
import { valueClient, type RedisPlace } from './place.ts';
import { RedisLog } from './redis-log.ts';
import { RedisStore } from './redis-store.ts';
import { configProblem } from './session.ts';

export interface ConnectOptions {
  readonly place: RedisPlace;
  /** `CACHE_NS`: 1 to 32 of a–z, digits and hyphens; caches of one namespace share everything. */
  readonly ns: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** `CACHE_LOG_MAX`, default 1,000,000 entries. */
  readonly logMax?: number;
  /** `CACHE_L2_TIMEOUT`, default 50 ms. */
  readonly timeoutMs?: number;
  /** `CACHE_APPEND_TIMEOUT`, default 250 ms: then the event is pending. */
  readonly appendTimeoutMs?: number;
}

const logMaxDefault = 1_000_000;
const timeoutMsDefault = 50;
const appendTimeoutMsDefault = 250;
const nsForm = /^[a-z0-9-]{1,32}$/u;
const memoryWarnShare = 0.7;

/**
 * The log and the second level of a cache in Redis 7.0 or newer: standalone, by Sentinel, or in a Cluster. Nothing
 * waits here: `createCache` joins.
 *
 * @throws {Problem} `cache.config` for a namespace of another form.
 */
export function connectRedis(options: ConnectOptions): Shared {
  const { place, ns, clock, log: processLog = noLog } = options;
  if (!nsForm.test(ns)) throw configProblem(`A namespace of the cache is ${nsForm.source}.`);
  const log = new RedisLog({
    place,
    ns,
    clock,
    log: processLog,
    random: Math.random,
    logMax: options.logMax ?? logMaxDefault,
    appendTimeoutMs: options.appendTimeoutMs ?? appendTimeoutMsDefault,
  });
  const client = valueClient(place);
  // Told by the health report; a client without a listener would end the process.
  client.on('error', (error: Error) =>
    processLog.debug('cache.l2_lost', { reason: error.message }),
  );
  const store = new RedisStore({
    client,
    ns,
    clock,
    timeoutMs: options.timeoutMs ?? timeoutMsDefault,
    offsetMs: () => log.offsetMs,
  });
  return { log, store, describe: () => describe(place.kind, log, store) };
}

function describe(driver: string, log: RedisLog, store: RedisStore): SharedHealth {
  const { server, anchors, resent, retained, isJoined } = log;
  return {
    driver,
    isOpen: store.isOpen,
    isJoined,
    warnings: server === undefined ? [] : warningsOf(server),
    anchors,
    resent,
    retained,
    memoryBytes: server?.memoryBytes,
    memoryBytesMax: server?.memoryBytesMax,
  };
}

function warningsOf({
  policy,
  memoryBytes,
  memoryBytesMax,
}: NonNullable<RedisLog['server']>): string[] {
  const warnings: string[] = [];
  if (policy.startsWith('allkeys-')) {
    warnings.push(`maxmemory-policy ${policy} may evict the log: set volatile-lfu`);
  }
  if (policy === 'noeviction' && memoryBytesMax > 0) {
    warnings.push('maxmemory-policy noeviction refuses events when full: set volatile-lfu');
  }
  if (memoryBytesMax > 0 && memoryBytes > memoryBytesMax * memoryWarnShare) {
    warnings.push(`Redis uses ${Math.round((100 * memoryBytes) / memoryBytesMax)} % of its memory`);
  }
  return warnings;
}

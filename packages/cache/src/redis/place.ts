import { randomInt } from 'node:crypto';

import { Problem } from '@plinth/core';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** How the servers are found. */
export type RedisPlace =
  | { readonly kind: 'redis'; readonly url: string }
  | {
      readonly kind: 'sentinel';
      /** For its user, password, database and TLS; the host does not count. */
      readonly url: string;
      readonly sentinels: readonly Address[];
      readonly master: string;
    }
  | { readonly kind: 'cluster'; readonly url: string; readonly nodes: readonly Address[] };

export interface Address {
  readonly host: string;
  readonly port: number;
}

const connectMs = 2_000;
const askMs = 1_000;
const slots = 16_384;

/** Nothing is kept for later and nothing is sent twice: what fails is told at once, and judged above. */
const brief = {
  protocol: 2 as const,
  lazyConnect: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  autoResubscribe: false,
  connectTimeout: connectMs,
  enableReadyCheck: false,
  noDelay: true,
};
const plain: ClientOptions = { ...brief, enableOfflineQueue: false, retryStrategy: () => null };

/** A connection that lives once: it ends with its first fault. */
export function plainClient(place: RedisPlace, address: Address): Redis {
  return new Redis({ ...plain, ...credentialsOf(place.url), ...address });
}

function retryStrategy(times: number): number {
  return randomInt(Math.min(1_000, 25 * 2 ** times));
}

/** The connection for values and leases; it comes back by itself. */
export function valueClient(place: RedisPlace): Redis | Cluster {
  const options: ClientOptions = {
    ...plain,
    ...credentialsOf(place.url),
    lazyConnect: false,
    enableAutoPipelining: true,
    retryStrategy,
  };
  if (place.kind === 'redis') return new Redis({ ...options, ...addressOf(place.url) });
  if (place.kind === 'sentinel') {
    const { sentinels, master } = place;
    const sentinelRetryStrategy = retryStrategy;
    return new Redis({
      ...options,
      sentinels: sentinels.map(({ host, port }) => ({ host, port })),
      name: master,
      sentinelRetryStrategy,
      role: 'master',
    });
  }
  return new Cluster(
    place.nodes.map(({ host, port }) => ({ host, port })),
    {
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      clusterRetryStrategy: retryStrategy,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      slotsRefreshTimeout: connectMs,
      redisOptions: { ...brief, ...credentialsOf(place.url) },
    },
  );
}

/** Where the log is now: the one server, the one that most sentinels name, or the owner of the log's slot. */
export async function findLogServer(place: RedisPlace, logKey: string): Promise<Address> {
  if (place.kind === 'redis') return addressOf(place.url);
  if (place.kind === 'sentinel') return (await askSentinels(place)).address;
  return askCluster(place, logKey);
}

type SentinelPlace = Extract<RedisPlace, { kind: 'sentinel' }>;

/** @returns the master that at least two of them name, or the only one's where there is one. */
export async function askSentinels({
  sentinels,
  master,
}: Pick<SentinelPlace, 'sentinels' | 'master'>): Promise<{ address: Address; named: number }> {
  const answers = await Promise.all(sentinels.map((one) => askSentinel(one, master)));
  const counts = new Map<string, number>();
  for (const answer of answers) {
    if (answer !== undefined) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted(([, a], [, b]) => b - a);
  const needed = Math.min(2, sentinels.length);
  if (best === undefined || best[1] < needed) throw away('No two sentinels name one master.');
  const [host = '', port = ''] = best[0].split(' ');
  return { address: { host, port: Number(port) }, named: best[1] };
}

async function askSentinel(address: Address, master: string): Promise<string | undefined> {
  const client = new Redis({ ...plain, ...address, connectTimeout: askMs, commandTimeout: askMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const answer = await client.call('SENTINEL', 'get-master-addr-by-name', master);
    return Array.isArray(answer) ? answer.join(' ') : undefined;
  } catch {
    // One that is away has no say.
    return undefined;
  } finally {
    client.disconnect();
  }
}

async function askCluster(
  place: Extract<RedisPlace, { kind: 'cluster' }>,
  logKey: string,
): Promise<Address> {
  const slot = slotOf(logKey);
  for (const node of place.nodes) {
    const client = plainClient(place, node);
    client.on('error', () => undefined);
    try {
      await client.connect();
      const owner = ownerOf(await withinAsk(client.cluster('SLOTS')), slot, node);
      if (owner !== undefined) return owner;
    } catch {
      // The next one may know.
    } finally {
      client.disconnect();
    }
  }
  throw away('No node of the cluster knows who has the log.');
}

function ownerOf(answer: unknown, slot: number, asked: Address): Address | undefined {
  if (!Array.isArray(answer)) return undefined;
  for (const range of answer) {
    if (!Array.isArray(range)) continue;
    const [first, last, owner]: unknown[] = range;
    if (typeof first !== 'number' || typeof last !== 'number' || !Array.isArray(owner)) continue;
    if (slot < first || slot > last) continue;
    const [host, port]: unknown[] = owner;
    if (typeof port !== 'number') return undefined;
    return { host: typeof host === 'string' && host !== '' ? host : asked.host, port };
  }
  return undefined;
}

async function withinAsk<result>(work: Promise<result>): Promise<result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(away('The server does not answer.')), askMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** CRC-16/XMODEM of what stands between the first braces (Redis Cluster specification). */
function slotOf(key: string): number {
  const [, tagged = key] = /\{([^}]+)\}/u.exec(key) ?? [];
  let crc = 0;
  for (const byte of Buffer.from(tagged)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80_00 ? (crc << 1) ^ 0x10_21 : crc << 1;
    crc &= 0xff_ff;
  }
  return crc % slots;
}

export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port === '' ? 6_379 : port) };
}

function credentialsOf(url: string) {
  const { username, password, pathname, protocol } = new URL(url);
  const db = Number(pathname.slice(1));
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(db > 0 ? { db } : {}),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

export function away(message: string, cause?: unknown): Problem {
  return new Problem(message, { code: 'cache.log_away', kind: 'unavailable', cause });
}

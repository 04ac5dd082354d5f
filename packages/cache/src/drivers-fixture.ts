import type { TestContext } from 'node:test';

import { systemClock } from '@plinth/core';
import { startCluster, startRedis, startSentinels, type Owner } from '@plinth/testing';

import { createCache, type CacheOptions } from './create-cache.ts';
import { holdTail } from './held-log.ts';
import { connectRedis, type ConnectOptions, type RedisPlace } from './redis/index.ts';
import type { HeldNode } from './shared-conformance.ts';

export type Driver = RedisPlace['kind'];

/** Servers of one kind, for as long as their owner lives. */
export async function startPlace(owner: Owner, driver: Driver): Promise<RedisPlace> {
  if (driver === 'redis') return { kind: 'redis', url: (await startRedis(owner)).url };
  if (driver === 'sentinel') {
    const { sentinels, name } = await startSentinels(owner);
    const at = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    return { kind: 'sentinel', url: 'redis://127.0.0.1', sentinels: at, master: name };
  }
  const { masters } = await startCluster(owner);
  const nodes = masters.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { kind: 'cluster', url: 'redis://127.0.0.1', nodes };
}

/** Deadlines for a machine that does ten things at once: none of them is what these tests are about. */
const patient = { timeoutMs: 10_000, appendTimeoutMs: 10_000 };

interface NodeOptions extends Partial<Omit<CacheOptions, 'shared'>> {
  readonly connect?: Partial<ConnectOptions>;
}

export async function openNode(
  t: Pick<TestContext, 'after'>,
  place: RedisPlace,
  ns: string,
  { connect, clock = systemClock, ...options }: NodeOptions = {},
): Promise<HeldNode> {
  const shared = connectRedis({ place, ns, clock, ...patient, ...connect });
  const held = holdTail(shared);
  const cache = await createCache({
    clock,
    joinTimeoutMs: 30_000,
    blindAfterMs: 300_000,
    ...options,
    shared: held.shared,
  });
  t.after(() => cache.close());
  return { cache, hold: held.hold, release: held.release };
}

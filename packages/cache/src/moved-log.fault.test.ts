import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually, faultProxy, startCluster, startRedis, startSentinels } from '@plinth/testing';

import type { EntryOptions } from './cache.ts';
import { openNode } from './drivers-fixture.ts';
import type { RedisPlace } from './redis/index.ts';
import type { HeldNode } from './shared-conformance.ts';

const still: EntryOptions = { ttl: 600_000, jitter: 0, eager: false };
const withinMs = 60_000;
const ns = 'moved';
const logKey = `{${ns}}:log`;
const valueKey = `${ns}:v1:{k}`;
// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const partitionMs = process.env['PLINTH_TEST_LONG'] === '1' ? 60_000 : 1_000;

function epochOf({ cache }: HeldNode): string {
  return cache.mark().split('-')[0] ?? '';
}

/** They are in one epoch, another than that one, and have heard all there is. */
async function moved(nodes: readonly HeldNode[], old: string): Promise<void> {
  await eventually(
    () => {
      const [first = ''] = nodes.map(epochOf);
      const isQuiet = nodes.every(({ cache }) => {
        const { applied, known, blind, pendingNames } = cache.health();
        return applied === known && !blind && pendingNames === 0;
      });
      return first !== old && isQuiet && nodes.every((node) => epochOf(node) === first);
    },
    { withinMs },
  );
}

async function openThree(t: TestContext, place: RedisPlace): Promise<HeldNode[]> {
  return [await openNode(t, place, ns), await openNode(t, place, ns), await openNode(t, place, ns)];
}

/** The level between them takes no value while its connection is made anew: it is given until it arrives. */
async function passes(from: HeldNode, to: HeldNode, value: string): Promise<void> {
  await eventually(
    async () => {
      await from.cache.set('k', value, still);
      return (await to.cache.get('k')) === value;
    },
    { withinMs },
  );
}

test('a failover that loses an acknowledged invalidation gives no node its old value back', async (t) => {
  const { servers, sentinels, name, masterPort } = await startSentinels(t);
  const [master, replica] = servers;
  assert(master !== undefined && replica !== undefined, 'there are two servers');
  const addresses = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
  const place = {
    kind: 'sentinel',
    url: 'redis://127.0.0.1',
    sentinels: addresses,
    master: name,
  } as const;
  const nodes = await openThree(t, place);
  const [a, b] = nodes;
  assert(a !== undefined && b !== undefined, 'they are open');
  await passes(a, b, 'old');
  await eventually(async () => (await replica.run('exists', valueKey)) === '1', { withinMs });
  // From here on the replica is refused by its master, and hears nothing.
  await replica.run('config', 'set', 'masteruser', 'nobody');
  await replica.run('config', 'set', 'masterauth', 'nobody');
  await replica.run('client', 'kill', 'type', 'master');
  await eventually(
    async () => /master_link_status:down/u.test(await replica.run('info', 'replication')),
    { withinMs },
  );
  const old = epochOf(a);

  const { position, delivered } = await a.cache.invalidate({ keys: ['k'] });
  await master.kill();
  await eventually(async () => (await masterPort()) === replica.port, { withinMs });
  await moved(nodes, old);

  assert(delivered && position !== undefined, 'the old master had acknowledged it');
  assert.equal(await replica.run('exists', valueKey), '1');
  assert.match(await replica.run('xrange', logKey, '-', '+'), /kk/u);
  const late = await openNode(t, place, ns);
  for (const { cache } of [...nodes, late]) {
    assert.equal(await cache.get('k'), undefined);
    assert.equal(await cache.scope({ after: position }).get('k'), undefined);
  }
  await passes(a, late, 'new');
});

test('when the slots of the log and of a value move, no node keeps what was invalidated meanwhile', async (t) => {
  const { masters, ownerOf, moveSlotOf } = await startCluster(t);
  const addresses = masters.map(({ port }) => ({ host: '127.0.0.1', port }));
  const nodes = await openThree(t, { kind: 'cluster', url: 'redis://127.0.0.1', nodes: addresses });
  const [a, b] = nodes;
  assert(a !== undefined && b !== undefined, 'they are open');
  await passes(a, b, 'old');
  const old = epochOf(a);

  for (const key of [logKey, valueKey]) {
    const owner = await ownerOf(key);
    const other = masters.find(({ port }) => port !== owner.port);
    assert(other !== undefined, 'there is another master');
    await moveSlotOf(key, other);
  }
  await b.cache.invalidate({ keys: ['k'] });
  await moved(nodes, old);

  for (const { cache } of nodes) assert.equal(await cache.get('k'), undefined);
  await passes(a, b, 'new');
  await b.cache.invalidate({ keys: ['k'] });
  await eventually(() => a.cache.health().applied === b.cache.health().known, { withinMs });
  assert.equal(await a.cache.get('k'), undefined);
});

function at(port: number): RedisPlace {
  return { kind: 'redis', url: `redis://127.0.0.1:${port}` };
}

test('a node that is cut off reads its source, and what it invalidated is heard when it is back', async (t) => {
  const server = await startRedis(t);
  const proxy = await faultProxy(t, { port: server.port });
  const a = await openNode(t, at(server.port), ns);
  const b = await openNode(t, at(proxy.port), ns, {
    connect: { timeoutMs: 50, appendTimeoutMs: 250 },
    blindAfterMs: 2_500,
    blindTtlMs: 0,
  });
  let version = 1;
  const read = ({ cache }: HeldNode) => cache.getOrSet('k', () => version, still);
  await read(b);
  await a.cache.getOrSet('mine', () => 'old', still);
  proxy.cut('blackhole');
  await eventually(() => b.cache.health().blind, { withinMs });

  const stopAt = performance.now() + partitionMs;
  do {
    version += 1;
    await a.cache.invalidate({ keys: ['k'] });
    assert.equal(await read(b), version);
  } while (performance.now() < stopAt);
  const told = await b.cache.invalidate({ keys: ['mine'] });
  // What TCP would have kept for later is lost to these connections: they are made anew.
  proxy.cut('reset');
  proxy.heal();
  await eventually(() => !b.cache.health().blind && b.cache.health().pendingNames === 0, {
    withinMs,
  });
  await eventually(() => a.cache.health().applied === b.cache.health().known, { withinMs });

  assert.equal(told.delivered, false);
  assert.equal(await read(b), version);
  assert.equal(await a.cache.get('mine'), undefined);
});

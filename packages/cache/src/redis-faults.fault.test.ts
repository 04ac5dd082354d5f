import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  eventually,
  faultProxy,
  startProcess,
  startRedis,
  type RedisServer,
} from '@plinth/testing';

import type { EntryOptions } from './cache.ts';
import { openNode } from './drivers-fixture.ts';
import type { HeldNode } from './shared-conformance.ts';

const still: EntryOptions = { ttl: 60_000, jitter: 0, eager: false };
const withinMs = 20_000;
const ns = 'faults';
const logKey = `{${ns}}:log`;

function open(t: TestContext, port: number, options: Parameters<typeof openNode>[3] = {}) {
  return openNode(t, { kind: 'redis', url: `redis://127.0.0.1:${port}` }, ns, options);
}

function epochOf({ cache }: HeldNode): string {
  return cache.mark().split('-')[0] ?? '';
}

async function heard(node: HeldNode, other: HeldNode): Promise<void> {
  await eventually(() => node.cache.health().applied === other.cache.health().known, { withinMs });
}

/** All connections of a server are cut, and made again. */
async function cut(server: RedisServer): Promise<void> {
  await server.run('client', 'kill', 'type', 'normal', 'skipme', 'yes');
}

test('R9 a node whose tail was cut hears what came meanwhile', async (t) => {
  const server = await startRedis(t);
  const proxy = await faultProxy(t, { port: server.port });
  const [a, b] = [await open(t, server.port), await open(t, proxy.port)];
  await b.cache.getOrSet('k', () => 'old', still);
  proxy.cut('reset');

  await a.cache.invalidate({ keys: ['k'] });
  proxy.heal();
  await heard(b, a);

  assert.equal(await b.cache.get('k'), undefined);
});

test('R10 a node that lost entries of the log begins anew', async (t) => {
  const server = await startRedis(t);
  const proxy = await faultProxy(t, { port: server.port });
  const [a, b] = [await open(t, server.port), await open(t, proxy.port)];
  await b.cache.getOrSet('k', () => 'old', still);
  proxy.cut('reset');

  await a.cache.invalidate({ keys: ['k'] });
  for (let i = 0; i < 20; i += 1) await a.cache.invalidate({ keys: [`other${i}`] });
  await server.run('xtrim', logKey, 'MAXLEN', '5');
  proxy.heal();
  await eventually(() => b.cache.health().applied.endsWith('-22'), { withinMs });

  assert.equal(await b.cache.get('k'), undefined);
  assert.equal(b.cache.health().shared?.anchors.hole, 1);
  const c = await open(t, server.port);
  assert.equal(await c.cache.get('k'), undefined);
});

test('R12 a server that restarts from an older snapshot revives nothing', async (t) => {
  const server = await startRedis(t);
  const a = await open(t, server.port);
  await a.cache.getOrSet('k', () => 'old', still);
  await eventually(async () => (await server.run('exists', `${ns}:v1:{k}`)) === '1', { withinMs });
  await server.run('save');
  await a.cache.invalidate({ keys: ['k'] });

  await server.restart();
  const c = await open(t, server.port);

  assert.equal(await server.run('exists', `${ns}:v1:{k}`), '1');
  assert.equal(await c.cache.get('k'), undefined);
  await eventually(() => epochOf(a) === epochOf(c), { withinMs });
  assert.equal(await a.cache.get('k'), undefined);
});

test('R12 a log that was replaced by an older one leaves no node deaf', async (t) => {
  const server = await startRedis(t);
  const [a, b] = [await open(t, server.port), await open(t, server.port)];
  for (let i = 0; i < 5; i += 1) await a.cache.invalidate({ keys: [`k${i}`] });
  await heard(b, a);
  const old = epochOf(a);

  await server.run('del', logKey);
  await server.run('xadd', logKey, `${old}-0`, 'e', 'n');
  await eventually(() => epochOf(a) !== old && epochOf(b) === epochOf(a), { withinMs });
  await b.cache.getOrSet('k', () => 'old', still);
  await a.cache.invalidate({ keys: ['k'] });
  await heard(b, a);

  assert.equal(await b.cache.get('k'), undefined);
});

test('R19 what was acknowledged by a server that forgot it is sent again', async (t) => {
  const server = await startRedis(t);
  const a = await open(t, server.port);
  await server.run('save');
  const { position } = await a.cache.invalidate({ keys: ['acknowledged'] });
  const token = position ?? a.cache.mark();

  await server.restart();
  await eventually(() => !token.startsWith(epochOf(a)), { withinMs });

  assert.match(await server.run('xrange', logKey, '-', '+'), /kacknowledged/u);
  await a.cache.getOrSet('k', () => 'cached', still);
  assert.equal(await a.cache.scope({ after: token }).getOrSet('k', () => 'read', still), 'read');
});

test('R11 an invalidation without a log is in effect here, and sent by the next session', async (t) => {
  const server = await startRedis(t);
  const proxy = await faultProxy(t, { port: server.port });
  const [a, b] = [await open(t, proxy.port), await open(t, server.port)];
  await a.cache.getOrSet('k', () => 'old', { ...still, tags: ['t'] });
  await eventually(async () => (await b.cache.get('k')) === 'old', { withinMs });
  proxy.cut('reset');

  const told = await a.cache.invalidate({ tags: ['t'] });
  const here = await a.cache.get('k');
  proxy.heal();

  assert.equal(here, undefined);
  assert.deepEqual(told, { position: undefined, delivered: false });
  await eventually(() => a.cache.health().pendingNames === 0, { withinMs });
  await heard(b, a);
  assert.equal(await b.cache.get('k'), undefined);
});

test('R6 one waiter takes over from a killed holder of the lease', async (t) => {
  const server = await startRedis(t);
  const holder = await startProcess(
    t,
    [
      process.execPath,
      fileURLToPath(new URL('./holder-fixture.ts', import.meta.url)),
      server.url,
      ns,
    ],
    { ready: /began/u, withinMs: 30_000 },
  );
  const nodes = [
    await open(t, server.port),
    await open(t, server.port),
    await open(t, server.port),
  ];
  let runs = 0;
  const load = async () => `run ${(runs += 1)}`;
  const reads = nodes.flatMap(({ cache }) =>
    Array.from({ length: 34 }, async () => cache.getOrSet('k', load, still)),
  );

  const began = performance.now();
  holder.kill('SIGKILL');
  const values = await Promise.all(reads);

  const tookMs = performance.now() - began;
  t.diagnostic(`102 waiters were answered ${Math.round(tookMs)} ms after the kill`);
  assert.deepEqual(new Set(values), new Set(['run 1']));
  assert(tookMs < 5_000, `it took ${tookMs} ms`);
});

test('a hung server costs a miss its deadline, then nothing; nothing old is served', async (t) => {
  const server = await startRedis(t);
  const quick = { connect: { timeoutMs: 50, appendTimeoutMs: 250 }, blindAfterMs: 2_500 };
  const a = await open(t, server.port, quick);
  await a.cache.getOrSet('k', () => 'old', still);
  t.after(() => server.cont());
  server.stop();

  const firsts: number[] = [];
  for (let i = 0; i < 12; i += 1) {
    const began = performance.now();
    assert.equal(await a.cache.getOrSet(`miss${i}`, () => i, still), i);
    firsts.push(performance.now() - began);
  }
  const began = performance.now();
  const told = await a.cache.invalidate({ keys: ['k'] });
  const tookMs = performance.now() - began;
  await eventually(() => a.cache.health().blind, { withinMs });

  t.diagnostic(`misses took ${firsts.map((ms) => Math.round(ms)).join(', ')} ms`);
  assert.equal(told.delivered, false);
  assert(tookMs < 2_000, `it took ${tookMs} ms`);
  const usual = firsts.toSorted((one, other) => one - other)[5] ?? Infinity;
  assert(usual < 40, `the breaker is open: ${usual}`);
  assert.equal(await a.cache.getOrSet('k', () => 'new', still), 'new');
  server.cont();
  await eventually(() => !a.cache.health().blind && a.cache.health().pendingNames === 0, {
    withinMs,
  });
});

test('a full server refuses events, which stay pending until there is room', async (t) => {
  const server = await startRedis(t);
  const a = await open(t, server.port);
  await server.run('config', 'set', 'maxmemory-policy', 'noeviction');
  await server.run('config', 'set', 'maxmemory', '1');

  const told = await a.cache.invalidate({ keys: ['k'] });

  assert.equal(told.delivered, false);
  await server.run('config', 'set', 'maxmemory', '0');
  await eventually(() => a.cache.health().pendingNames === 0, { withinMs });
});

test('without a server a node begins blind, and joins when there is one', async (t) => {
  const server = await startRedis(t);
  const proxy = await faultProxy(t, { port: server.port });
  proxy.cut('reset');
  const a = await open(t, proxy.port, { joinTimeoutMs: 100 });
  assert.equal(await a.cache.getOrSet('k', () => 'read', still), 'read');
  assert(a.cache.health().blind, 'it hears nothing');

  proxy.heal();

  await eventually(() => !a.cache.health().blind, { withinMs });
  await cut(server);
  await eventually(async () => (await a.cache.invalidate({ keys: ['k'] })).delivered, { withinMs });
});

test('a server that refuses the client is told at the start', async (t) => {
  const server = await startRedis(t);
  await server.run('acl', 'setuser', 'default', 'on', '>secret');

  await assert.rejects(open(t, server.port), { code: 'cache.config' });
});

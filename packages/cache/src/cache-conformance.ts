import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '@plinth/core';

import type { Cache, EntryOptions } from './cache.ts';
import type { CacheOptions } from './create-cache.ts';
import { testData } from './data-conformance.ts';
import { gate } from './gate-fixture.ts';
import { testInterleavings } from './interleavings-conformance.ts';

/** A cache of one node, empty, with these options. */
export type ConnectCache = (
  t: TestContext,
  options: Omit<CacheOptions, 'shared'>,
) => Promise<Cache>;

const still: EntryOptions = { ttl: 60_000, jitter: 0, eager: false };

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Which interleavings must never give an old value: cache.md, section 14, those of one node. */
export function testCacheRaces(
  name: string,
  connect: ConnectCache,
  { isShared = false }: { readonly isShared?: boolean } = {},
): void {
  const open = (t: TestContext, options: Partial<CacheOptions> = {}) =>
    connect(t, { clock: systemClock, ...options });
  testFlights(name, open);
  testGrace(name, open);
  testData(name, open);
  if (isShared) return;
  testEpochs(name, open);
  testInterleavings(name, open);
}

type Open = (t: TestContext, options?: Partial<CacheOptions>) => Promise<Cache>;

function testFlights(name: string, open: Open): void {
  for (const names of [{ keys: ['k'] }, { tags: ['t'] }, { tags: ['found'] }]) {
    const what = JSON.stringify(names);

    test(`R1 ${name} does not keep what was read before ${what} was invalidated`, async (t) => {
      const cache = await open(t);
      const old = gate<string>();
      const read = cache.getOrSet('k', old.factory, { ...still, tags: ['t'] });
      (await old.began).tag('found');

      await cache.invalidate(names);
      old.open('old');

      assert.equal(await read, 'old');
      assert.equal(await cache.get('k'), undefined);
      assert.equal(await cache.getOrSet('k', () => 'new', still), 'new');
    });

    test(`R3 ${name} lets nobody join what began before ${what} was invalidated`, async (t) => {
      const cache = await open(t);
      const [old, fresh] = [gate<string>(), gate<string>()];
      const first = cache.getOrSet('k', old.factory, { ...still, tags: ['t'] });
      (await old.began).tag('found');
      await cache.invalidate(names);

      const second = cache.getOrSet('k', fresh.factory, { ...still, tags: ['t'] });
      old.open('old');
      await Promise.race([fresh.began, second]);
      fresh.open('new');

      assert.deepEqual([await first, await second], ['old', 'new']);
      assert.equal(cache.get('k'), 'new');
    });
  }

  test(`R3b ${name} gives one who joined no value of a tag that was found too late`, async (t) => {
    const cache = await open(t);
    const [old, fresh] = [gate<string>(), gate<string>()];
    const first = cache.getOrSet('k', old.factory, still);
    const context = await old.began;
    await cache.invalidate({ tags: ['found'] });

    const second = cache.getOrSet('k', fresh.factory, still);
    context.tag('found');
    old.open('old');
    await Promise.race([fresh.began, second]);
    fresh.open('new');

    assert.deepEqual([await first, await second], ['old', 'new']);
  });

  test(`R5 ${name} does not keep what was read before a clear, of one key or of many`, async (t) => {
    const cache = await open(t);
    const one = gate<string>();
    const many = Promise.withResolvers<ReadonlyMap<string, string>>();
    const first = cache.getOrSet('k', one.factory, still);
    const both = cache.getOrSetMany<string>(['a', 'b'], () => many.promise, still);
    await one.began;

    await cache.clear();
    one.open('old');
    many.resolve(new Map([['a', 'old']]));

    assert.equal(await first, 'old');
    assert.deepEqual(
      [...(await both)],
      [
        ['a', 'old'],
        ['b', null],
      ],
    );
    for (const key of ['k', 'a', 'b']) assert.equal(await cache.get(key), undefined);
  });

  test(`R13 ${name} discards an eager refresh that a tag's invalidation overtook`, async (t) => {
    let ms = 0;
    const cache = await open(t, { clock: { ...systemClock, mono: () => ms } });
    const options = { ...still, eager: 0.5, tags: ['t'] };
    await cache.getOrSet('k', () => 'old', options);
    ms = 30_000;
    await turn();
    const refresh = gate<string>();
    assert.equal(cache.getOrSet('k', refresh.factory, options), 'old');
    await refresh.began;

    await cache.invalidate({ tags: ['t'] });
    refresh.open('old, read again');
    await turn();

    assert.equal(await cache.get('k'), undefined);
  });

  test(`R15 ${name} keeps and shares nothing of a scope that may not fill`, async (t) => {
    const cache = await open(t);
    const snapshot = cache.scope({ fill: false });
    const old = gate<string>();
    const inside = snapshot.getOrSet('k', old.factory, still);
    await old.began;

    const outside = cache.getOrSet('k', () => 'new', still);
    old.open('uncommitted');

    assert.deepEqual([await inside, await outside], ['uncommitted', 'new']);
    assert.equal(cache.get('k'), 'new');
    assert.equal(await snapshot.set('k', 'uncommitted', still), undefined);
    assert.equal(snapshot.get('k'), 'new');
  });

  test(`R16 ${name} stores no value by a mark older than an event of its names`, async (t) => {
    const cache = await open(t);
    const mark = cache.mark();

    const [invalidated, stored] = await Promise.all([
      cache.invalidate({ tags: ['t'] }),
      cache.set('k', 'old', { ...still, tags: ['t'], mark }),
    ]);

    assert.equal(invalidated.delivered, true);
    assert.equal(stored, undefined);
    assert.equal(await cache.get('k'), undefined);
  });
}

function testEpochs(name: string, open: Open): void {
  test(`R19 ${name} reads nothing that is cached with a token of another epoch`, async (t) => {
    const cache = await open(t);
    const other = await open(t);
    for (let i = 0; i < 3; i += 1) await cache.invalidate({ keys: ['other'] });
    await cache.getOrSet('k', () => 'cached', still);
    const { position } = await other.invalidate({ keys: ['k'] });
    assert(position !== undefined, 'it was delivered');

    const scope = cache.scope({ after: position });

    assert.equal(await scope.get('k'), undefined);
    assert.equal(await scope.getOrSet('k', () => 'read', still), 'read');
  });
}

const away = () => Promise.reject(new Error('the source is away'));
const messageOf = (error: unknown) => (error instanceof Error ? error.message : error);

function testGrace(name: string, open: Open): void {
  const graceful = { ...still, ttl: 1_000, failSafe: 60_000, tags: ['t'] };

  for (const { soft, expected } of [
    { soft: false, expected: 'the source is away' },
    { soft: true, expected: 'old' },
  ]) {
    const kind = soft ? 'a soft' : 'a hard';

    test(`R7 ${name} after ${kind} invalidation and a failure gives: ${expected}`, async (t) => {
      const cache = await open(t);
      await cache.getOrSet('k', () => 'old', graceful);

      await cache.invalidate({ tags: ['t'] }, { soft });

      const read = async () => cache.getOrSet('k', away, graceful);
      assert.equal(await read().catch(messageOf), expected);
    });

    test(`R7 ${name} when ${kind} invalidation comes before the failure gives: ${expected}`, async (t) => {
      let ms = 0;
      const cache = await open(t, { clock: { ...systemClock, mono: () => ms } });
      await cache.getOrSet('k', () => 'old', graceful);
      ms = 1_500;
      await turn();
      const failing = gate<string>();
      const read = Promise.resolve(
        cache.getOrSet('k', failing.factory, { ...graceful, softTimeout: 60_000 }),
      );
      await failing.began;

      await cache.invalidate({ tags: ['t'] }, { soft });
      failing.fail(new Error('the source is away'));

      assert.equal(await read.catch(messageOf), expected);
    });
  }
}

export { testSharedRaces, type ConnectNode, type HeldNode } from './shared-conformance.ts';
export { testRandomRaces } from './random-races-conformance.ts';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';

import type { EntryOptions, Factory } from './cache.ts';
import { createCache } from './create-cache.ts';

const still: EntryOptions = { ttl: 1_000, jitter: 0, eager: false };
const graceful: EntryOptions = { ...still, failSafe: 60_000, failSafeHold: 500 };
const broken: Factory<never> = () => Promise.reject(new Error('the source is away'));

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

async function open() {
  const clock = fakeClock();
  const cache = await createCache({ clock });
  /** The cache's clock holds for one turn of the event loop. */
  const later = async (ms: number) => {
    await clock.advance(ms);
    await nextTurn();
  };
  return { later, cache };
}

test('a hit is the value itself, no promise, and runs no factory', async () => {
  const { cache } = await open();
  await cache.getOrSet('a', () => ({ n: 1 }), still);

  const hit = cache.getOrSet('a', broken, still);

  assert.deepEqual(hit, { n: 1 });
  assert.deepEqual(cache.get('a'), { n: 1 });
});

test('callers of one key share one run of the factory', async (t) => {
  const { cache } = await open();
  const factory = t.mock.fn(async () => 7);

  const reads = Array.from({ length: 100 }, async () => cache.getOrSet('a', factory, still));
  const values = await Promise.all(reads);

  assert.equal(factory.mock.callCount(), 1);
  assert.deepEqual(new Set(values), new Set([7]));
});

test('an entry that has expired is loaded again', async () => {
  const { cache, later } = await open();
  await cache.getOrSet('a', () => 1, still);

  await later(999);
  assert.equal(
    cache.getOrSet('a', () => 2, still),
    1,
  );
  await later(1);

  assert.equal(await cache.getOrSet('a', () => 2, still), 2);
});

test('jitter only ever shortens a life', async () => {
  const { cache, later } = await open();
  for (let i = 0; i < 100; i += 1) {
    await cache.getOrSet(`k${i}`, () => i, { ...still, jitter: 0.5 });
  }

  await later(499);
  const early = cache.stats().hits;
  for (let i = 0; i < 100; i += 1) cache.get(`k${i}`);
  assert.equal(cache.stats().hits - early, 100);

  await later(501);
  for (let i = 0; i < 100; i += 1) await cache.get(`k${i}`);
  assert.equal(cache.stats().hits - early, 100);
});

test('past its eager time a hit refreshes once in the background', async (t) => {
  const { cache, later } = await open();
  const eager = { ...still, eager: 0.5 };
  const refresh = t.mock.fn(() => 2);
  await cache.getOrSet('a', () => 1, eager);
  await later(500);

  const during = [cache.getOrSet('a', refresh, eager), cache.getOrSet('a', refresh, eager)];
  await nextTurn();

  assert.deepEqual(during, [1, 1]);
  assert.equal(refresh.mock.callCount(), 1);
  assert.equal(cache.get('a'), 2);
});

test('an eager refresh that fails leaves the value, and is tried again after the hold', async (t) => {
  const { cache, later } = await open();
  const eager = { ...still, eager: 0.1, failSafeHold: 300 };
  const refresh = t.mock.fn(broken);
  await cache.getOrSet('a', () => 1, eager);
  await later(100);

  for (let i = 0; i < 3; i += 1) {
    assert.equal(cache.getOrSet('a', refresh, eager), 1);
    await nextTurn();
  }
  assert.equal(refresh.mock.callCount(), 1);
  await later(300);
  assert.equal(cache.getOrSet('a', refresh, eager), 1);

  assert.equal(refresh.mock.callCount(), 2);
});

test('a failing factory gives its own error to every waiter, and is not remembered', async () => {
  const { cache } = await open();
  const failure = new Error('the source is away');
  const reads = Array.from({ length: 3 }, async () =>
    cache.getOrSet('a', () => Promise.reject(failure), still),
  );

  for (const read of reads) await assert.rejects(read, (error) => error === failure);

  assert.equal(await cache.getOrSet('a', () => 1, still), 1);
});

test('a value in grace stands in for a failing factory, which is held off then', async (t) => {
  const { cache, later } = await open();
  await cache.getOrSet('a', () => 1, graceful);
  await later(1_000);
  const factory = t.mock.fn(broken);

  assert.equal(await cache.getOrSet('a', factory, graceful), 1);
  assert.equal(cache.getOrSet('a', factory, graceful), 1);
  assert.equal(factory.mock.callCount(), 1);
  assert.equal(await cache.get('a'), undefined);
  await later(500);
  assert.equal(await cache.getOrSet('a', factory, graceful), 1);

  assert.equal(factory.mock.callCount(), 2);
  await later(60_000);
  await assert.rejects(async () => cache.getOrSet('a', broken, graceful), /source is away/u);
});

test('a slow factory with a value in grace answers after the soft timeout, and goes on', async () => {
  const { cache, later } = await open();
  await cache.getOrSet('a', () => 1, graceful);
  await later(1_000);
  const slow = Promise.withResolvers<number>();

  const read = cache.getOrSet('a', () => slow.promise, { ...graceful, softTimeout: 50 });
  await later(50);
  assert.equal(await read, 1);
  slow.resolve(2);
  await nextTurn();

  assert.equal(cache.get('a'), 2);
});

test('a factory that hangs is cache.timeout, and its signal aborts', async () => {
  const { cache, later } = await open();
  let signal: AbortSignal | undefined;
  const read = Promise.resolve(
    cache.getOrSet(
      'a',
      (context) => {
        signal = context.signal;
        return new Promise<number>(() => 'never');
      },
      { ...still, hardTimeout: 100 },
    ),
  );
  const refused = assert.rejects(read, { code: 'cache.timeout', kind: 'timeout' });

  await later(100);

  await refused;
  assert.equal(signal?.aborted, true);
  assert.equal(await cache.getOrSet('a', () => 1, still), 1);
});

test('null is cached for its own time, undefined never', async (t) => {
  const { cache, later } = await open();
  const nothing = t.mock.fn(() => null);
  const unknown = t.mock.fn(() => undefined);

  for (let i = 0; i < 2; i += 1) {
    assert.equal(await cache.getOrSet('null', nothing, { ...still, negativeTtl: 10 }), null);
    assert.equal(await cache.getOrSet('undefined', unknown, still), undefined);
  }

  assert.deepEqual([nothing.mock.callCount(), unknown.mock.callCount()], [1, 2]);
  assert.equal(cache.get('null'), null);
  await later(10);
  assert.equal(await cache.get('null'), undefined);
});

test('a factory with a value in grace may say that it has not changed', async () => {
  const { cache, later } = await open();
  await cache.getOrSet('a', () => ({ n: 1 }), graceful);
  const before = await cache.entry('a');
  await later(1_500);

  const value = await cache.getOrSet(
    'a',
    ({ stale, notModified }) => (assert.equal(stale?.etag, before?.etag), notModified()),
    graceful,
  );

  assert.deepEqual(value, { n: 1 });
  assert.equal((await cache.entry('a'))?.freshFor, 1_000);
});

test('many keys are read with one load of those that are missing, each once', async (t) => {
  const { cache } = await open();
  await cache.getOrSet('a', () => 'A', still);
  const load = t.mock.fn(async (missing: readonly string[]) => {
    return new Map(missing.filter((key) => key !== 'd').map((key) => [key, key.toUpperCase()]));
  });

  const values = await cache.getOrSetMany(['a', 'b', 'c', 'b', 'd'], load, still);

  assert.deepEqual(
    [...values],
    [
      ['a', 'A'],
      ['b', 'B'],
      ['c', 'C'],
      ['d', null],
    ],
  );
  assert.deepEqual(
    load.mock.calls.map((call) => call.arguments[0]),
    [['b', 'c', 'd']],
  );
  assert.deepEqual(
    await cache.getOrSetMany(['a', 'b', 'd'], load, still),
    new Map([
      ['a', 'A'],
      ['b', 'B'],
      ['d', null],
    ]),
  );
});

test('many keys join the flights that are under way', async (t) => {
  const { cache } = await open();
  const slow = Promise.withResolvers<string>();
  const first = cache.getOrSet('a', () => slow.promise, still);
  const load = t.mock.fn(async () => new Map([['b', 'B']]));

  const both = cache.getOrSetMany(['a', 'b'], load, still);
  slow.resolve('A');

  assert.deepEqual(
    [...(await both)],
    [
      ['a', 'A'],
      ['b', 'B'],
    ],
  );
  assert.equal(await first, 'A');
  assert.equal(load.mock.callCount(), 1);
});

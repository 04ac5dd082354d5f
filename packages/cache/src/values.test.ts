import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';

import type { EntryOptions } from './cache.ts';
import { createCache } from './create-cache.ts';

const still: EntryOptions = { ttl: 1_000, jitter: 0, eager: false };

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

async function open(options: { l1Bytes?: number; l1Entries?: number; strict?: boolean } = {}) {
  const clock = fakeClock();
  const cache = await createCache({ clock, ...options });
  /** The cache's clock holds for one turn of the event loop. */
  const later = async (ms: number) => {
    await clock.advance(ms);
    await nextTurn();
  };
  return { later, cache };
}

test('the etag is that of the data, not of the fill', async () => {
  const { cache } = await open();
  const etagOf = async (value: object) => {
    await cache.clear();
    await cache.getOrSet('a', () => value, still);
    return (await cache.entry('a'))?.etag;
  };

  const [first, second, other] = [
    await etagOf({ n: 1 }),
    await etagOf({ n: 1 }),
    await etagOf({ n: 2 }),
  ];

  assert.match(first ?? '', /^[0-9a-f]{24}$/u);
  assert.equal(first, second);
  assert.notEqual(first, other);
});

test('a value is frozen through and through; clones are each caller’s own', async () => {
  const { cache } = await open();
  await cache.getOrSet('frozen', () => ({ lines: [{ n: 1 }] }), still);
  const clone: EntryOptions = { ...still, values: 'clone' };
  await cache.getOrSet('clone', () => ({ lines: [1] }), clone);
  const frozen = await cache.get<{ lines: { n: number }[] }>('frozen');
  const mine = await cache.get<{ lines: number[] }>('clone');

  mine?.lines.push(2);

  assert.throws(() => frozen?.lines.push({ n: 2 }), TypeError);
  assert.throws(() => Object.assign(frozen?.lines[0] ?? {}, { n: 2 }), TypeError);
  assert.deepEqual(await cache.get('clone'), { lines: [1] });
});

const unkept: [string, unknown][] = [
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a bigint', 1n],
  ['undefined in an array', [undefined]],
  ['minus zero', -0],
  ['no number', Number.NaN],
  ['a function', () => 1],
  ['an instance of a class', new URL('http://a.example')],
];

for (const [what, value] of unkept) {
  test(`${what} is refused by json`, async () => {
    const { cache } = await open();
    const loose = await open({ strict: false });

    const read = async () => cache.getOrSet('a', () => ({ value }), still);

    await assert.rejects(read, { code: 'cache.codec' });
    assert.deepEqual(await loose.cache.getOrSet('a', () => ({ value }), still), { value });
    assert.equal(await loose.cache.get('a'), undefined);
  });
}

test('what holds itself is refused', async () => {
  const { cache } = await open();
  const loop: { self?: unknown } = {};
  loop.self = loop;

  await assert.rejects(async () => cache.getOrSet('a', () => loop, still), { code: 'cache.codec' });
});

test('structured keeps dates and maps, each caller’s own', async () => {
  const { cache } = await open();
  const options: EntryOptions = { ...still, codec: 'structured' };
  const value = { at: new Date(5), all: new Map([['a', 1n]]) };
  await cache.getOrSet('a', () => value, options);

  const kept = await cache.get<typeof value>('a');
  kept?.all.clear();

  assert.deepEqual(await cache.get('a'), value);
});

test('names that are empty, too long or hold control characters are refused before any effect', async () => {
  const { cache } = await open();
  const bad = { code: 'cache.invalid_name' };

  for (const name of ['', 'a\n', 'x'.repeat(513), 'ä'.repeat(257), '\ud800']) {
    assert.throws(() => cache.getOrSet(name, () => 1), bad);
    await assert.rejects(cache.invalidate({ tags: [name] }), bad);
  }
  const tags = Array.from({ length: 33 }, (_, i) => `t${i}`);
  assert.throws(() => cache.getOrSet('a', () => 1, { tags }), bad);
  await assert.rejects(async () => cache.getOrSet('a', ({ tag }) => (tag(...tags), 1)), bad);
  assert.equal(cache.stats().entries, 0);
});

test('10,000 names are one call, one more is refused', async () => {
  const { cache } = await open();
  const tags = Array.from({ length: 10_000 }, (_, i) => `t${i}`);
  await cache.getOrSet('a', () => 1, { ...still, tags: ['t9999'] });

  await cache.invalidate({ tags });

  assert.equal(await cache.get('a'), undefined);
  const more = cache.invalidate({ keys: ['a'], tags });
  await assert.rejects(more, { code: 'cache.invalid_name' });
});

test('it closes: flights that do not end are rejected, and so is what comes later', async () => {
  const { cache, later } = await open();
  await cache.getOrSet('a', () => 1, still);
  const hanging = Promise.resolve(
    cache.getOrSet('b', () => new Promise<number>(() => 'never'), still),
  );
  const refused = assert.rejects(hanging, { code: 'cache.closed' });

  const closed = cache.close();
  await later(2_000);
  await closed;

  await refused;
  assert.throws(() => cache.getOrSet('a', () => 1), { code: 'cache.closed' });
});

test('L1 stays within its bytes and its entries', async () => {
  const { cache } = await open({ l1Bytes: 100_000, l1Entries: 200 });

  for (let i = 0; i < 5_000; i += 1) {
    await cache.getOrSet(`k${i}`, () => 'x'.repeat(i % 2_000), { ...still, tags: [`t${i % 7}`] });
    const { bytes, entries } = cache.stats();
    assert(bytes <= 100_000 && entries <= 200, `${bytes} bytes, ${entries} entries`);
  }

  assert(cache.stats().evictions > 4_000, 'most have left');
  await cache.getOrSet('large', () => 'x'.repeat(12_500), still);
  assert.equal(await cache.get('large'), undefined);
});

test('S3-FIFO keeps what is read again through a scan that is not', async () => {
  const { cache } = await open({ l1Entries: 1_000 });
  const read = async (key: string) => cache.getOrSet(key, () => 1, still);
  for (let round = 0; round < 4; round += 1) {
    for (let i = 0; i < 500; i += 1) await read(`hot${i}`);
  }

  for (let i = 0; i < 10_000; i += 1) await read(`scan${i}`);

  const { misses } = cache.stats();
  for (let i = 0; i < 500; i += 1) await read(`hot${i}`);
  assert.equal(cache.stats().misses, misses);
});

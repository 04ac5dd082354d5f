import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';

import type { EntryOptions, Factory } from './cache.ts';
import { createCache } from './create-cache.ts';

const still: EntryOptions = { ttl: 1_000, jitter: 0, eager: false };
const graceful: EntryOptions = { ...still, failSafe: 60_000, failSafeHold: 500 };
const broken: Factory<never> = () => Promise.reject(new Error('the source is away'));

async function open() {
  const cache = await createCache({ clock: fakeClock() });
  return { cache };
}

test('invalidation reaches keys and tags, also those that were found while reading', async () => {
  const { cache } = await open();
  const tagged = { ...still, tags: ['t1', 't2', 't3'] };
  await cache.getOrSet('key', () => 1, still);
  await cache.getOrSet('one', () => 1, { ...still, tags: ['t1'] });
  await cache.getOrSet('three', () => 1, tagged);
  await cache.getOrSet('found', ({ tag }) => (tag('t4'), 1), still);
  await cache.getOrSet('other', () => 1, { ...still, tags: ['t5'] });

  const { delivered } = await cache.invalidate({ keys: ['key'], tags: ['t1', 't4'] });

  assert.equal(delivered, true);
  for (const key of ['key', 'one', 'three', 'found']) {
    assert.equal(await cache.get(key), undefined, key);
  }
  assert.equal(cache.get('other'), 1);
});

test('a soft invalidation leaves a value for a failing factory only', async () => {
  const { cache } = await open();
  await cache.getOrSet('key', () => 1, graceful);
  await cache.getOrSet('tag', () => 1, { ...graceful, tags: ['t'] });

  await cache.invalidate({ keys: ['key'], tags: ['t'] }, { soft: true });

  for (const key of ['key', 'tag']) {
    assert.equal(await cache.get(key), undefined);
    assert.equal(await cache.getOrSet(key, broken, graceful), 1);
  }
});

test('after a hard invalidation a failing factory gives its error, never the old value', async () => {
  const { cache } = await open();
  await cache.getOrSet('key', () => 1, graceful);
  await cache.getOrSet('tag', () => 1, { ...graceful, tags: ['t'] });

  await cache.invalidate({ keys: ['key'], tags: ['t'] });

  for (const key of ['key', 'tag']) {
    await assert.rejects(async () => cache.getOrSet(key, broken, graceful), /source is away/u);
  }
});

test('clear empties it, softly only for those who can load', async () => {
  const { cache } = await open();
  await cache.getOrSet('a', () => 1, graceful);

  await cache.clear({ soft: true });
  assert.equal(await cache.get('a'), undefined);
  assert.equal(await cache.getOrSet('a', broken, graceful), 1);
  await cache.clear();

  await assert.rejects(async () => cache.getOrSet('a', broken, graceful), /source is away/u);
  assert.equal(cache.stats().entries, 0);
});

test('set stores a value, unless one of its names was invalidated since the mark', async () => {
  const { cache } = await open();
  const mark = cache.mark();

  assert.notEqual(await cache.set('a', 1, { ...still, mark }), undefined);
  assert.equal(cache.get('a'), 1);
  const before = cache.mark();
  await cache.invalidate({ tags: ['t'] });

  assert.equal(await cache.set('b', 1, { ...still, tags: ['t'], mark: before }), undefined);
  assert.equal(await cache.get('b'), undefined);
  assert.notEqual(await cache.set('b', 2, { ...still, tags: ['t'] }), undefined);
  assert.equal(cache.get('b'), 2);
});

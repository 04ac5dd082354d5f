import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';
import fc from 'fast-check';

import { createCache } from './create-cache.ts';

const options = { name: 'customer', scope: 'tenant', jitter: 0 } as const;

async function open() {
  const cache = await createCache({ clock: systemClock });
  const region = cache.region<[a: string, b: string | number], string>(options);
  return { cache, region };
}

test('a tenant’s values are its own', async () => {
  const { cache, region } = await open();
  const [one, other] = [cache.scope({ tenant: 'A' }), cache.scope({ tenant: 'B' })];

  await region.in(one).getOrSet(['7', 1], () => 'of A');

  assert.equal(await region.in(other).get(['7', 1]), undefined);
  assert.equal(region.in(one).get(['7', 1]), 'of A');
  await region.in(one).invalidate(['7', 1]);
  assert.equal(await region.in(one).get(['7', 1]), undefined);
});

test('a tenant region outside a tenant’s scope is refused', async () => {
  const { cache, region } = await open();

  assert.throws(() => region.getOrSet(['7', 1], () => 'x'), { code: 'cache.config' });
  assert.throws(() => region.in(cache.scope({})).key(['7', 1]), { code: 'cache.config' });
});

test('a region’s name is taken once, and has a form', async () => {
  const { cache } = await open();

  assert.throws(() => cache.region(options), TypeError);
  assert.throws(() => cache.region({ ...options, name: 'Bad:Name' }), { code: 'cache.config' });
});

test('keys of different parts differ, and versions read apart', async () => {
  const cache = await createCache({ clock: systemClock });
  const region = cache.region<string[], string>({ name: 'any', scope: 'global' });
  const next = cache.region<string[], string>({ name: 'any2', scope: 'global', version: 2 });
  const parts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 });

  fc.assert(
    fc.property(parts, parts, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      fc.pre([...one, ...other].every((part) => part.isWellFormed()));
      assert.notEqual(region.key(one), region.key(other));
    }),
  );
  assert.equal(region.key(['a:b', '{c} d%']), 'any.1::a%3Ab:%7Bc%7D%20d%25');
  assert.equal(next.key(['a']), 'any2.2::a');
  const numbers = cache.region<[number], string>({ name: 'numbers', scope: 'global' });
  assert.throws(() => numbers.key([Number.NaN]), { code: 'cache.config' });
});

test('hits and misses are counted by region', async () => {
  const { cache, region } = await open();
  const mine = region.in(cache.scope({ tenant: 'A' }));

  await mine.getOrSet(['7', 1], () => 'x');
  await mine.getOrSet(['7', 1], () => 'x');
  await mine.get(['7', 2]);

  assert.deepEqual(cache.stats().regions['customer'], { hits: 1, misses: 2 });
});

test('a memo gives one value for a whole request, until the request writes', async () => {
  const { cache } = await open();
  const request = cache.scope({ memo: true });
  let version = 1;
  const read = async () => request.getOrSet('k', () => version, { ttl: 60_000 });
  assert.equal(await read(), 1);

  version = 2;
  await cache.invalidate({ keys: ['k'] });
  assert.equal(await read(), 1);
  await request.invalidate({ tags: ['other'] });

  assert.equal(await read(), 2);
});

test('a scope’s signal ends the wait, not the flight', async () => {
  const { cache } = await open();
  const slow = Promise.withResolvers<number>();
  const abort = new AbortController();
  const request = cache.scope({ signal: abort.signal });
  const waiting = Promise.resolve(request.getOrSet('k', () => slow.promise));
  const other = Promise.resolve(cache.getOrSet('k', () => 0));

  abort.abort(new Error('the client went away'));
  await assert.rejects(waiting, /went away/u);
  slow.resolve(7);

  assert.equal(await other, 7);
});

test('a reader waits for its token, and then sees nothing older', async () => {
  const { cache } = await open();
  await cache.getOrSet('k', () => 'old', { ttl: 60_000 });
  const { position } = await cache.invalidate({ tags: ['t'] });
  assert(position !== undefined, 'it was delivered');
  const [epoch, seq] = position.split('-');

  const reader = cache.scope({ after: cache.mark() });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a position that the log has not reached yet
  const ahead = cache.scope({ after: `${epoch}-${Number(seq) + 1}` as typeof position });
  assert.equal(await reader.get('k'), 'old');
  const waiting = Promise.resolve(ahead.getOrSet('k', () => 'new', { ttl: 60_000 }));
  await cache.invalidate({ keys: ['k'] });

  assert.equal(await waiting, 'new');
});

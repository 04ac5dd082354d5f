import assert from 'node:assert/strict';
import test from 'node:test';

import { eventually, fakeClock } from '@plinth/testing';

import { createListCache, shelfOf } from './kept.ts';

function createShelf(entriesMax = 256) {
  const clock = fakeClock();
  const errors: unknown[] = [];
  const cache = createListCache({ clock, entriesMax, onError: (error) => errors.push(error) });
  let made = 0;
  const make = async () => ({ value: (made += 1), freshMs: 60_000, staleMs: 600_000 });
  return { clock, errors, make, shelf: shelfOf<number>(cache, 'test:'), count: () => made };
}

const makeFleeting = async () => ({ value: 7, freshMs: 0, staleMs: 0 });

test('a kept value is made once for all who ask at once, and stays fresh for its time', async () => {
  const { clock, make, shelf, count } = createShelf();

  const both = await Promise.all([shelf.get('a', make), shelf.get('a', make)]);
  await clock.advance(59_999);
  const later = await shelf.get('a', make);

  assert.deepEqual(
    [both[0].value, both[1].value, later, count()],
    [1, 1, { value: 1, isFresh: true }, 1],
  );
});

test('a stale value is shown while a new one is made behind it', async () => {
  const { clock, make, shelf } = createShelf();
  await shelf.get('a', make);
  await clock.advance(60_000);

  const stale = await shelf.get('a', make);
  const next = await shelf.get('a', make);

  assert.deepEqual([stale, next.value], [{ value: 1, isFresh: false }, 2]);
});

test('a value past its stale time is made anew before it is shown', async () => {
  const { clock, make, shelf } = createShelf();
  await shelf.get('a', make);
  await clock.advance(660_000);

  assert.equal(shelf.peek('a'), undefined);
  assert.deepEqual(await shelf.get('a', make), { value: 2, isFresh: true });
});

test('a refresh that fails is reported, and the stale value stays', async () => {
  const { clock, errors, make, shelf } = createShelf();
  await shelf.get('a', make);
  await clock.advance(60_000);

  const shown = await shelf.get('a', () => Promise.reject(new Error('away')));
  await eventually(() => assert.deepEqual(errors.map(String), ['Error: away']));

  assert.equal(shown.value, 1);
  assert.equal(shelf.peek('a')?.value, 1);
});

test('the least recently used value goes when there are too many', async () => {
  const { make, shelf } = createShelf(2);
  await shelf.get('a', make);
  await shelf.get('b', make);
  await shelf.get('a', make);
  await shelf.get('c', make);

  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => shelf.peek(key)?.value),
    [1, undefined, 3],
  );
});

test('a value of no duration is shared by those who wait for it, and not kept', async () => {
  const { shelf } = createShelf();

  assert.equal((await shelf.get('a', makeFleeting)).value, 7);
  assert.equal(shelf.peek('a'), undefined);
});

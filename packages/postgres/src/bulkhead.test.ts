import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Bulkhead } from './bulkhead.ts';

const calm = new AbortController().signal;

test('Bulkhead lets in as many as it has places, and the next as one leaves, in their order', async () => {
  const bulkhead = new Bulkhead(2);
  const order: string[] = [];
  const enter = async (name: string) => {
    const leave = await bulkhead.enter(calm);
    order.push(name);
    return leave;
  };

  const [first, second] = await Promise.all([enter('first'), enter('second')]);
  const third = enter('third');
  const fourth = enter('fourth');
  await Promise.resolve();
  assert.deepEqual(order, ['first', 'second']);
  first();
  (await third)();
  (await fourth)();
  second();

  assert.deepEqual(order, ['first', 'second', 'third', 'fourth']);
});

test('who gives up while it waits leaves its turn to the next', async () => {
  const bulkhead = new Bulkhead(1);
  const leave = await bulkhead.enter(calm);
  const caller = new AbortController();
  const given = bulkhead.enter(caller.signal);
  const next = bulkhead.enter(calm);

  caller.abort(new Error('gone'));
  await assert.rejects(given, { code: 'postgres.cancelled' });
  leave();

  (await next)();
  (await bulkhead.enter(calm))();
});

test('past a hundred that wait for each place the next is refused', async () => {
  const bulkhead = new Bulkhead(1);
  const leave = await bulkhead.enter(calm);
  const waiting = Array.from({ length: 100 }, () => bulkhead.enter(calm));

  await assert.rejects(bulkhead.enter(calm), { code: 'postgres.unavailable' });

  leave();
  for (const one of waiting) (await one)();
});

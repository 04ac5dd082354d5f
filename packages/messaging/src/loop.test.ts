import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, fakeClock, type FakeClock } from '@plinth/testing';

import { startLoop } from './loop.ts';

const untilAsleep = (clock: FakeClock) => eventually(() => assert.equal(clock.pending(), 1));

test('a loop works at once, while there is more, when it is woken, and by itself after a while', async () => {
  const clock = fakeClock();
  const answers = [true, true, false];
  let count = 0;
  const loop = startLoop({
    clock,
    idleMs: 100,
    idleMsMax: 400,
    onError: () => assert.fail('it does not fail'),
    async work() {
      count += 1;
      return answers.shift() ?? false;
    },
  });
  const counts: number[] = [];
  const note = async () => {
    await untilAsleep(clock);
    counts.push(count);
  };
  await note();
  for (const ms of [99, 1, 199, 1]) {
    await clock.advance(ms);
    await note();
  }
  loop.wake();
  await eventually(() => assert.equal(count, 6));

  await loop.stop();

  assert.deepEqual(counts, [3, 3, 4, 4, 5]);
});

test('a loop that fails waits longer each time, whoever wakes it, and goes on', async () => {
  const clock = fakeClock();
  const errors: unknown[] = [];
  let count = 0;
  const loop = startLoop({
    clock,
    idleMs: 10,
    idleMsMax: 10,
    onError: (error) => void errors.push(error),
    async work() {
      count += 1;
      if (count <= 2) throw new RangeError('away');
      return false;
    },
  });
  const counts: number[] = [];
  for (const ms of [0, 199, 1, 399, 1]) {
    await untilAsleep(clock);
    loop.wake();
    await clock.advance(ms);
    await untilAsleep(clock);
    counts.push(count);
  }

  await loop.stop();

  assert.deepEqual(counts, [1, 1, 2, 2, 3]);
  assert.equal(errors.length, 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { fakeClock } from './fake-clock.ts';

test('fakeClock fires timers in the order of their times', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 30 });

  await fc.assert(
    fc.asyncProperty(delays, async (all) => {
      const clock = fakeClock();
      const fired: number[] = [];
      const sleeps = all.map(async (ms) => {
        await clock.sleep(ms, new AbortController().signal);
        fired.push(ms);
      });

      await clock.advance(1_000);

      await Promise.all(sleeps);
      assert.deepEqual(
        fired,
        all.toSorted((a, b) => a - b),
      );
      assert.equal(clock.pending(), 0);
    }),
    { numRuns: 30 },
  );
});

test('fakeClock calls an interval as often as it is due, and waits for what it starts', async () => {
  const clock = fakeClock(0);
  const at: number[] = [];
  const stop = clock.every(100, async () => {
    await Promise.resolve();
    at.push(clock.now());
  });

  await clock.advance(350);
  stop();
  await clock.advance(1_000);

  assert.deepEqual(at, [100, 200, 300]);
  assert.equal(clock.now(), 1_350);
});

test('fakeClock ends a sleep whose caller went away', async () => {
  const clock = fakeClock();
  const abort = new AbortController();
  const sleeping = clock.sleep(1_000, abort.signal);

  abort.abort(new Error('gone'));

  await assert.rejects(sleeping, { message: 'gone' });
  assert.equal(clock.pending(), 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';

import { Deadlines } from './deadlines.ts';

test('each is aborted at its own time, whatever the order in which they came, and the ended ones never', async () => {
  const clock = fakeClock();
  const deadlines = new Deadlines(clock);
  const aborted: string[] = [];
  const timed = (name: string) => ({ abort: () => void aborted.push(name) });
  const ended = timed('ended');

  deadlines.add(timed('late'), 300);
  deadlines.add(ended, 50);
  deadlines.add(timed('soon'), 100);
  deadlines.remove(ended);
  await clock.advance(99);
  assert.deepEqual(aborted, []);
  await clock.advance(1);
  assert.deepEqual(aborted, ['soon']);
  deadlines.add(timed('between'), 100);
  await clock.advance(200);
  assert.deepEqual(aborted, ['soon', 'between', 'late']);
  assert.equal(clock.pending(), 0);
});

test('nothing is left to wait for after a stop', async () => {
  const clock = fakeClock();
  const deadlines = new Deadlines(clock);

  deadlines.add({ abort: () => assert.fail('it was stopped') }, 100);
  deadlines.stop();
  await clock.advance(1_000);
  assert.equal(clock.pending(), 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, fakeClock } from '@plinth/testing';

import { Deadlines } from './deadlines.ts';

test('deadlines of one length share one sleep, and each comes at its own time', async () => {
  const clock = fakeClock();
  const deadlines = new Deadlines(clock);
  const fired: string[] = [];
  deadlines.add(100, () => fired.push('first'));
  await clock.advance(40);
  deadlines.add(100, () => fired.push('second'));
  const callOff = deadlines.add(100, () => fired.push('called off'));
  callOff();

  assert.equal(clock.pending(), 1);
  await clock.advance(60);
  assert.deepEqual(fired, ['first']);
  await clock.advance(40);

  assert.deepEqual(fired, ['first', 'second']);
});

test('a line of deadlines whose last is called off leaves no sleep behind, and begins anew', async () => {
  const clock = fakeClock();
  const deadlines = new Deadlines(clock);
  deadlines.add(100, () => assert.fail('it was called off'))();
  await eventually(() => clock.pending() === 0, { withinMs: 30_000 });

  let isFired = false;
  deadlines.add(100, () => (isFired = true));
  await clock.advance(100);

  assert(isFired, 'the second came');
});

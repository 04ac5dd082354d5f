import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';

import { createAdmission, type RequestClass } from './admission.ts';
import { watchLoopDelay } from './loop-delay.ts';

const calm = { loopDelayMs: 1, poolWaitMs: 0 };
const late = { loopDelayMs: 80, poolWaitMs: 0 };

function fill(admission: ReturnType<typeof createAdmission>, requestClass: RequestClass): number {
  let n = 0;
  while (admission.enter(requestClass)) n += 1;
  return n;
}

test('each class is admitted up to its share of the limit', () => {
  const shares: [RequestClass, number][] = [
    ['export', 20],
    ['anonymous', 39],
    ['key', 48],
    ['query', 58],
    ['command', 64],
  ];
  const admission = createAdmission({ shedDelayMs: 50, nowMs: () => 0 });

  for (const [requestClass, upTo] of shares) {
    fill(admission, requestClass);
    assert.equal(admission.inFlight, upTo, requestClass);
  }
  admission.leave();
  assert.deepEqual([admission.enter('query'), admission.enter('command')], [false, true]);
});

test('a late loop cuts the limit by a tenth, at most once in 300 ms, never under 16', () => {
  let nowMs = 0;
  const admission = createAdmission({ shedDelayMs: 50, nowMs: () => nowMs });

  admission.adapt(late);
  admission.adapt(late);
  assert.equal(admission.limit, 57);
  nowMs += 300;
  admission.adapt({ loopDelayMs: 0, poolWaitMs: 101 });
  assert.equal(admission.limit, 51);
  for (let n = 0; n < 100; n += 1) {
    nowMs += 300;
    admission.adapt(late);
  }
  assert.equal(admission.limit, 16);
});

test('the limit grows only while it is used and the loop is on time, up to 2,000', () => {
  const admission = createAdmission({ shedDelayMs: 50, nowMs: () => 0 });

  admission.adapt(calm);
  assert.equal(admission.limit, 64);
  fill(admission, 'command');
  admission.adapt({ loopDelayMs: 30, poolWaitMs: 0 });
  assert.equal(admission.limit, 64);
  admission.adapt(calm);
  assert.equal(admission.limit, 65);
  for (let n = 0; n < 1_000; n += 1) {
    fill(admission, 'command');
    admission.adapt(calm);
  }
  assert.equal(admission.limit, 2_000);
});

test('the delay of the loop is the latest of its window', async () => {
  const clock = fakeClock();
  const delay = watchLoopDelay(clock);

  await clock.advance(100);
  assert.equal(delay.take(), 0);
  await clock.advance(5);
  assert.equal(delay.take(), 0);
  delay.stop();
  await clock.advance(70);
  assert.equal(delay.take(), 65);
});

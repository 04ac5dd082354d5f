import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LagClock } from './lag.ts';
import { Timelines } from './timelines.ts';

const at = (timeline: number, lsn: bigint) => ({ cluster: 'main', timeline, lsn });

function threeTimelines(): Timelines {
  const timelines = new Timelines();
  timelines.learn(2, 1_000n);
  timelines.learn(3, 2_000n);
  return timelines;
}

const cases = [
  [3, 5_000n, 'current'],
  [4, 1n, 'ahead'],
  [2, 2_000n, 'kept'],
  [2, 2_001n, 'lost'],
  [1, 1_000n, 'kept'],
  // The second failover kept it, had the first not lost it.
  [1, 1_500n, 'lost'],
] as const;

for (const [timeline, lsn, standing] of cases) {
  test(`a position ${lsn} of timeline ${timeline} is ${standing} on the third`, () => {
    assert.equal(threeTimelines().judge(at(timeline, lsn)), standing);
  });
}

test('a position of before a failover that nobody saw is unknown', () => {
  const timelines = threeTimelines();
  timelines.see(5);

  assert.equal(timelines.judge(at(3, 1n)), 'unknown');
  assert.equal(timelines.judge(at(5, 1n)), 'current');
});

test('a replica is as late as the primary’s log that it has not reached is old', () => {
  const lag = new LagClock();
  for (let second = 0; second <= 10; second += 1) lag.add(second * 1_000, BigInt(second * 100));

  assert.deepEqual(
    [1_000n, 950n, 300n].map((lsn) => lag.lagMs(lsn)),
    [0, 1_000, 7_000],
  );
});

test('a replica of an idle primary is not late', () => {
  const lag = new LagClock();
  for (let second = 0; second <= 60; second += 1) lag.add(second * 1_000, 100n);

  assert.equal(lag.lagMs(100n), 0);
});

test('a timeline that begins below where the lost one ended starts anew', () => {
  const lag = new LagClock();
  lag.add(0, 500n);
  lag.add(1_000, 400n);

  assert.equal(lag.lagMs(400n), 0);
  assert.equal(lag.newest, 400n);
});

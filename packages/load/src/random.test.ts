import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRandom, createZipf, planArrivals } from './random.ts';

const take = (seed: number) => Array.from({ length: 5 }, createRandom(seed));

test('the same seed gives the same numbers, another one others', () => {
  assert.deepEqual(take(3), take(3));
  assert.notDeepEqual(take(3), take(4));
});

test('Poisson arrivals fit an exponential distribution of gaps (chi-square, 10 cells)', () => {
  const times = planArrivals(1_000, 60_000, 'poisson', createRandom(11));
  const cellCount = 10;
  const cells = new Float64Array(cellCount);

  for (let index = 1; index < times.length; index += 1) {
    const gapMs = (times[index] ?? 0) - (times[index - 1] ?? 0);
    // The cumulative probability of the gap is uniform if the gaps are exponential.
    const cell = Math.min(cellCount - 1, Math.floor((1 - Math.exp(-gapMs)) * cellCount));
    cells[cell] = (cells[cell] ?? 0) + 1;
  }

  const expected = (times.length - 1) / cellCount;
  const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 27.9 is the 0.999 quantile of 9 degrees of freedom.
  assert(chiSquare < 27.9, String(chiSquare));
});

test('even arrivals are evenly apart', () => {
  assert.deepEqual([...planArrivals(100, 50, 'even', createRandom(1))], [0, 10, 20, 30, 40]);
});

test('a Zipf draw prefers low ranks as its exponent says', () => {
  const counts = new Map<number, number>();
  const draw = createZipf(100, 1, createRandom(5));

  for (let count = 0; count < 100_000; count += 1) {
    const rank = draw();
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }

  const ratio = (counts.get(0) ?? 0) / (counts.get(9) ?? 1);
  assert(ratio > 8.5 && ratio < 11.5, String(ratio));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { mondayOf } from './day.ts';
import { shareWithin, spread, type Habits } from './forecast.ts';

const weeks = 13;
const habits = fc
  .record({
    byDelay: fc.array(fc.nat(50), { minLength: 54, maxLength: 54 }),
    unpaidPercent: fc.nat(100),
  })
  .map(({ byDelay, unpaidPercent }): Habits => ({
    payments: byDelay.reduce((sum, count) => sum + count, 0),
    byDelay,
    unpaidShare: unpaidPercent / 100,
  }));
const owed = fc
  .array(fc.tuple(fc.integer({ min: -53, max: 53 }), fc.nat(1_000_000)), { maxLength: 40 })
  .map((rows) => new Map(rows));

test('no more is expected than is owed, and the low figure is never above the expected one', () => {
  fc.assert(
    fc.property(owed, habits, (amounts, past) => {
      const expected = spread(amounts, past, weeks);

      const open = [...amounts.values()].reduce((sum, minor) => sum + minor, 0);
      const sum = expected.reduce((total, { expectedMinor }) => total + expectedMinor, 0);
      assert(sum <= open + 2 * weeks, `${sum} of ${open}`);
      for (const { lowMinor, expectedMinor } of expected) assert(lowMinor <= expectedMinor);
    }),
  );
});

test('who always paid two weeks late is expected two weeks behind the due week', () => {
  const past = { payments: 5, byDelay: [0, 0, 5], unpaidShare: 0 };
  const amounts = new Map([
    [-1, 100],
    [0, 1_000],
    [12, 7],
  ]);

  const [first, second, third, ...rest] = spread(amounts, past, weeks);

  assert.deepEqual(
    [first, second, third],
    [
      { lowMinor: 0, expectedMinor: 0 },
      { lowMinor: 0, expectedMinor: 100 },
      { lowMinor: 1_000, expectedMinor: 1_000 },
    ],
  );
  assert(rest.every(({ expectedMinor }) => expectedMinor === 0));
});

test('the longer an invoice is late, the likelier it is one of those that are never paid', () => {
  const past = { payments: 10, byDelay: [5, 5], unpaidShare: 0.2 };
  const ofThousand = (week: number) =>
    spread(new Map([[week, 1_000]]), past, weeks).reduce((sum, at) => sum + at.expectedMinor, 0);

  assert.equal(ofThousand(0), 800);
  // 0.8 · 0.5 of them come later, 0.2 never.
  assert.equal(ofThousand(-1), 667);
  assert.equal(ofThousand(-2), 0);
});

test('a company without payments is expected to be paid when due', () => {
  const past = { payments: 0, byDelay: [], unpaidShare: 0 };

  const [first, second] = spread(
    new Map([
      [-3, 5],
      [1, 70],
    ]),
    past,
    weeks,
  );

  assert.deepEqual([first?.expectedMinor, second?.expectedMinor], [0, 70]);
  assert.equal(shareWithin(past, 0), 1);
});

test('a week begins on its Monday', () => {
  const days = ['2026-01-11', '2026-01-12', '2026-01-15', '2026-01-18', '2026-01-19'];

  assert.deepEqual(days.map(mondayOf), [
    '2026-01-05',
    '2026-01-12',
    '2026-01-12',
    '2026-01-12',
    '2026-01-19',
  ]);
});

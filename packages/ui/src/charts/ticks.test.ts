import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { linePath, ticksTo } from './ticks.ts';

test('ticks begin at zero and end at or above the greatest', () => {
  deepEqual(ticksTo(148), [0, 50, 100, 150]);
  deepEqual(ticksTo(0.34), [0, 0.1, 0.2, 0.3, 0.4]);
  deepEqual(ticksTo(0), [0, 0.5, 1]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), (greatest) => {
      const ticks = ticksTo(greatest);

      equal(ticks[0], 0);
      ok((ticks.at(-1) ?? 0) >= greatest * (1 - 1e-9));
      ok(ticks.length >= 2 && ticks.length <= 6);
    }),
  );
});

test('a gap breaks the line', () => {
  const path = linePath(
    [1, 2, null, 3],
    (at) => at * 10,
    (value) => value,
  );

  equal(path, 'M0 1L10 2M30 3');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Histogram } from './histogram.ts';

const values = fc.array(fc.integer({ min: 0, max: 3_600_000_000 }), {
  minLength: 1,
  maxLength: 400,
});
const ratioErrorMax = 0.001;

test('a percentile is that of the sorted values, within a thousandth', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, ratio) => {
      const histogram = new Histogram();
      for (const value of list) histogram.record(value);

      const rank = Math.max(1, Math.ceil(ratio * list.length));
      const exact = list.toSorted((a, b) => a - b)[rank - 1] ?? 0;

      const found = histogram.percentile(ratio);
      assert(found >= exact && found - exact <= Math.max(1, exact * ratioErrorMax));
    }),
  );
});

test('merging is as recording all in one, also by way of JSON', () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()];
      for (const value of left) a.record(value);
      for (const value of right) b.record(value);
      for (const value of [...left, ...right]) both.record(value);

      a.merge(Histogram.fromJSON(b.toJSON()));

      assert.deepEqual(a.toJSON(), both.toJSON());
      assert.equal(a.total, both.total);
    }),
  );
});

test('a value above one hour is clamped and counted', () => {
  const histogram = new Histogram();

  histogram.record(4_000_000_000);

  assert.equal(histogram.overflow, 1);
  assert(histogram.percentile(1) >= 3_600_000_000);
});

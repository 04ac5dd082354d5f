import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Geometry, ScrollMap, spacerHeightMax } from './scroll-map.ts';

const geometries: fc.Arbitrary<Geometry> = fc.record({
  rowCount: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 100_000_000 })),
  rowHeight: fc.constantFrom(28, 36, 44, 56),
  view: fc.integer({ min: 120, max: 4_000 }),
  devicePixelRatio: fc.constantFrom(0.5, 1, 1.25, 1.5, 2, 3),
});

/** An element that scrolls as a browser's does: whole device pixels, clamped, `scrollTop` set by the map. */
class Element {
  scrollTop = 0;
  readonly map: ScrollMap;
  readonly #geometry: Geometry;

  constructor(geometry: Geometry) {
    this.map = new ScrollMap(geometry);
    this.#geometry = geometry;
  }

  get max(): number {
    return Math.max(0, this.map.spacerHeight - this.#geometry.view);
  }

  scrollTo(top: number, byHand: boolean): void {
    const { devicePixelRatio: dpr } = this.#geometry;
    this.scrollTop = Math.min(Math.max(0, Math.round(top * dpr) / dpr), this.max);
    const corrected = this.map.onScroll(this.scrollTop, byHand);
    if (corrected !== undefined) this.place(corrected);
  }

  /** A correction of the map: its own event says nothing new. */
  place(top: number): void {
    const { devicePixelRatio: dpr } = this.#geometry;
    this.scrollTop = Math.min(Math.max(0, Math.round(top * dpr) / dpr), this.max);
    this.map.onScroll(this.scrollTop, false);
  }
}

test('every row can be moved to, and is then in view', () => {
  fc.assert(
    fc.property(geometries, fc.double({ min: 0, max: 1, noNaN: true }), (geometry, part) => {
      const element = new Element(geometry);
      const rank = Math.floor(part * (geometry.rowCount - 1));

      element.place(element.map.moveTo(rank * geometry.rowHeight));

      const top = rank * geometry.rowHeight - element.map.virtualTop;
      ok(top >= -1 && top < geometry.view, `row at ${top} of ${geometry.view}`);
      ok(element.scrollTop <= element.max);
    }),
  );
});

test('wheel steps move by their own pixels, whatever the length', () => {
  const steps = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(
      geometries,
      fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      steps,
      (geometry, part, deltas) => {
        fc.pre(geometry.rowCount * geometry.rowHeight > 100_000);
        const whole = { ...geometry, devicePixelRatio: 1 };
        const element = new Element(whole);
        element.place(element.map.moveTo(Math.round(part * element.map.virtualTopMax)));
        let expected = element.map.virtualTop;

        for (const delta of deltas) {
          expected += Math.round(element.scrollTop + delta) - element.scrollTop;
          element.scrollTo(element.scrollTop + delta, true);
        }

        ok(Math.abs(element.map.virtualTop - expected) < 1e-3);
      },
    ),
  );
});

test('the thumb reaches both ends exactly, and further down is never further up', () => {
  const thumbs = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(
    fc.property(geometries, thumbs, (geometry, parts) => {
      const element = new Element(geometry);

      element.scrollTo(element.max, false);
      equal(element.map.virtualTop, element.map.virtualTopMax);
      element.scrollTo(0, false);
      equal(element.map.virtualTop, 0);

      let before = -1;
      for (const part of parts.toSorted((a, b) => a - b)) {
        element.scrollTo(part * element.max, false);
        ok(element.map.virtualTop >= before);
        before = element.map.virtualTop;
      }
    }),
  );
});

test('whatever the way, an end of the element is an end of the list', () => {
  const moves = fc.array(fc.tuple(fc.boolean(), fc.double({ min: -1, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(geometries, moves, (geometry, path) => {
      const element = new Element(geometry);
      const { map } = element;

      for (const [byHand, part] of path) {
        if (byHand) element.scrollTo(element.scrollTop + part * 2_000, true);
        else element.scrollTo(Math.abs(part) * element.max, false);

        ok(map.virtualTop >= 0 && map.virtualTop <= map.virtualTopMax);
        equal(element.scrollTop <= 0, map.virtualTop <= 0);
        equal(element.scrollTop >= element.max - 1, map.virtualTop >= map.virtualTopMax);
      }
    }),
  );
});

const of = (rowCount: number) =>
  new ScrollMap({ rowCount, rowHeight: 36, view: 720, devicePixelRatio: 1 });

test('the spacer stays below what browsers hold, and the ratio is 1 where it need not be more', () => {
  equal(of(100_000_000).spacerHeight, spacerHeightMax);
  equal(of(416_666).ratio, 1);
  ok(of(416_667).ratio > 1);
  equal(of(3).virtualTopMax, 0);
});

test('other heights of rows keep the first row', () => {
  const map = new ScrollMap({ rowCount: 1_000_000, rowHeight: 36, view: 720, devicePixelRatio: 1 });
  map.moveTo(700_000 * 36);

  map.resize({ rowCount: 1_000_000, rowHeight: 28, view: 500, devicePixelRatio: 2 });

  equal(map.virtualTop, 700_000 * 28);
});

test('ninety wheel ticks of 300 px are 27,000 px of rows in a million', () => {
  const element = new Element({
    rowCount: 1_000_000,
    rowHeight: 36,
    view: 720,
    devicePixelRatio: 1,
  });

  for (let tick = 0; tick < 90; tick += 1) element.scrollTo(element.scrollTop + 300, true);

  equal(element.map.virtualTop, 27_000);
});

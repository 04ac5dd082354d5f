import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rowPx, type Slot, slotsOf } from './row-window.ts';

const heightOf = (slots: readonly Slot[]) =>
  slots.reduce((sum, slot) => sum + (slot.kind === 'row' ? rowPx : slot.px), 0);
const rowsOf = (slots: readonly Slot[]) =>
  slots.flatMap((slot) => (slot.kind === 'row' ? [slot.at] : []));

test('a hundred lines are all drawn', () => {
  assert.equal(rowsOf(slotsOf(100, { topPx: 0, viewPx: 800 })).length, 100);
});

test('of many lines those in sight are drawn, and the height stays that of all', () => {
  for (const topPx of [300, 0, -4_000, -39_000, -79_000]) {
    const slots = slotsOf(2_000, { topPx, viewPx: 800 });

    const rows = rowsOf(slots);
    assert.ok(rows.length < 70, `${rows.length} rows at ${topPx}`);
    assert.ok(rows.includes(Math.min(1_999, Math.max(0, Math.floor((400 - topPx) / rowPx)))));
    assert.equal(heightOf(slots), 2_000 * rowPx);
  }
});

test('the line with the focus stays, however far it is', () => {
  const slots = slotsOf(2_000, { topPx: -60_000, viewPx: 800 }, 3);

  assert.equal(rowsOf(slots)[0], 3);
  assert.equal(heightOf(slots), 2_000 * rowPx);
});

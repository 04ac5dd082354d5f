import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from '@plinth/core/z';

import { kpis } from '../../../topology/kpi.ts';
import { renderDashboard } from './dashboard.ts';

const place = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const shape = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      gridPos: place,
      targets: z.array(z.object({ expr: z.string().min(1) })).length(1),
    }),
  ),
});

test('every lamp has a panel of its own, and no panel lies over another', () => {
  const { panels } = shape.parse(JSON.parse(renderDashboard(kpis)));

  const rows = Object.values(kpis.lamps);
  const lamps = rows.length + rows.filter((lamp) => 'also' in lamp).length;
  assert.equal(panels.length, lamps + 3);
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  const cells = panels.map(({ gridPos: { x, y } }) => `${x}/${y}`);
  assert.equal(new Set(cells).size, cells.length);
  for (const { gridPos } of panels) assert.ok(gridPos.x + gridPos.w <= 24);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkZone, dayIn } from './tenant-day.ts';

test('a day begins at midnight of the zone', () => {
  const instantMs = Date.parse('2026-03-01T22:30:00Z');

  assert.deepEqual(
    ['UTC', 'Europe/Berlin', 'Asia/Tokyo', 'America/New_York', 'Europe/Helsinki'].map((zone) =>
      dayIn(zone, instantMs),
    ),
    ['2026-03-01', '2026-03-01', '2026-03-02', '2026-03-01', '2026-03-02'],
  );
});

test('a zone that nobody knows is refused', () => {
  assert.throws(() => checkZone('Europe/Atlantis'), { code: 'identity.bad_zone' });
});

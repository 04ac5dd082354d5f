import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createIds, idTime, isId } from './ids.ts';

test('ids of one process rise strictly, many a millisecond', () => {
  const newId = createIds({ now: () => 1_700_000_000_000 });

  let last = '';
  let risesAlways = true;
  for (let count = 0; count < 100_000; count += 1) {
    const next = newId();
    risesAlways &&= next > last;
    last = next;
  }

  assert(risesAlways);
  assert(isId(last));
});

test('an id tells the millisecond at which it was made', () => {
  const newId = createIds({ now: () => 1_764_072_000_123 });

  assert.equal(idTime(newId()), 1_764_072_000_123);
});

test('a clock that steps back a little keeps the order, one that steps far starts anew', () => {
  let now = 1_700_000_000_000;
  const newId = createIds({ now: () => now });
  const before = newId();

  now -= 1_000;
  const little = newId();
  now -= 3_600_000;
  const far = newId();

  assert(little > before);
  assert.equal(idTime(far), now);
});

test('only the canonical lower-case form is an id', () => {
  const id = createIds({ now: () => 1 })();

  assert.deepEqual([id, id.toUpperCase(), `${id} `, id.replaceAll('-', '')].map(isId), [
    true,
    id.toUpperCase() === id,
    false,
    false,
  ]);
});

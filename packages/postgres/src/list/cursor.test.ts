import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { openCursor, sealCursor, type Cursor } from './cursor.ts';
import { testKeyRing } from './parcel-fixture.ts';

const ring = testKeyRing();
const id = '019a0000-0000-7000-8000-000000000001';
const scope = { tenant: 't1', list: 'a.b', filter: '["x:eq:1"]', sort: 'x,id' };
const place = (length: number) => ['x'.repeat(length), id];
const bytes = (token: string) => Buffer.from(token.split('.')[2] ?? '', 'base64url');
const cursor: Cursor = {
  place: ['2026-01-01', id],
  rank: { n: 700_437, exact: true },
  total: { n: 1_000_000, exact: false, asOf: '2026-03-18T10:00:00.000Z' },
};

test('a cursor opens to what was sealed', () => {
  assert.deepEqual(openCursor(ring, scope, sealCursor(ring, scope, cursor)), cursor);
});

for (const key of ['tenant', 'list', 'filter', 'sort'] as const) {
  test(`a cursor of another ${key} is refused`, () => {
    const token = sealCursor(ring, scope, cursor);

    assert.throws(() => openCursor(ring, { ...scope, [key]: 'other' }, token), {
      code: 'http.bad_cursor',
    });
  });
}

test('a cursor with any byte changed, cut or added is refused', () => {
  const token = sealCursor(ring, scope, cursor);

  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
      const forged = token.slice(0, at) + text + token.slice(at + 1);
      fc.pre(!forged.startsWith('v1.k1.') || !bytes(forged).equals(bytes(token)));
      assert.throws(() => openCursor(ring, scope, forged), { code: 'http.bad_cursor' });
    }),
  );
});

test('a cursor is at most 512 bytes: one with longer keys knows the id alone', () => {
  const short = sealCursor(ring, scope, { ...cursor, place: place(150) });
  const long = sealCursor(ring, scope, { ...cursor, place: place(900) });

  assert.deepEqual(openCursor(ring, scope, short).place, place(150));
  assert.deepEqual(openCursor(ring, scope, long).place, { id });
  assert.ok(short.length <= 512 && long.length <= 512);
});

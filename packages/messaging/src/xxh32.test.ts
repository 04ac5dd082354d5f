import assert from 'node:assert/strict';
import { test } from 'node:test';

import { partOf, xxh32 } from './xxh32.ts';

// From the reference implementation (xxhsum -H0) over the UTF-8 bytes.
const vectors: readonly (readonly [string, number])[] = [
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['message digest', 0x7c948494],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ['abcdefghijklmnopqrstuvwxyz', 0x63a14d5f],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 0x9c285e64],
];

test('xxh32 gives the reference values', () => {
  const hashes = vectors.map(([text]) => [text, xxh32(text)]);

  assert.deepEqual(hashes, vectors);
});

test('partOf never changes for a key', () => {
  const keys = ['01900000-0000-7000-8000-000000000001', 'Müller', 'INV-2026-000001', ''];

  assert.deepEqual(keys.map(partOf), [9, 10, 13, 5]);
});

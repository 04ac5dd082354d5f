import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newId } from './new-id.ts';

test('newId makes a UUIDv7 of its time', () => {
  const id = newId(0x01_8f_12_34_56_78, new Uint8Array(10).fill(0xff));

  assert.equal(id, '018f1234-5678-7fff-bfff-ffffffffffff');
});

test('newId of later milliseconds sorts later', () => {
  const zeros = new Uint8Array(10);

  assert.ok(newId(1_000, new Uint8Array(10).fill(0xff)) < newId(1_001, zeros));
});

import { equal, throws } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { qrCode } from './qr-code.ts';

const drawn = (text: string) =>
  qrCode(text)
    .map((row) => row.map((dark) => (dark ? '#' : ' ')).join(''))
    .join('\n');

const digest = (length: number) =>
  createHash('sha256')
    .update(drawn('otpauth:'.padEnd(length, 'x')))
    .digest('hex')
    .slice(0, 16);

test('symbols of one block, of several and of those with their version in them are as zbar read them', () => {
  equal(digest(10), '18b25a8204cb29cc');
  equal(digest(120), '7e4e50306041fc2c');
  equal(digest(515), '8fa6eface75205c0');
});

test('a symbol has 17 and four modules a version on each side', () => {
  equal(qrCode('x').length, 21);
  equal(qrCode('x'.repeat(520)).length, 77);
});

test('what does not fit is refused', () => {
  throws(() => qrCode('x'.repeat(521)), RangeError);
});

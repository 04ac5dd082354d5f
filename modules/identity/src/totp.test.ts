import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  matchTotp,
  newRecoveryCodes,
  recoveryHash,
  toBase32,
  totpCode,
  totpStep,
  totpUri,
} from './totp.ts';

const secret = Buffer.from('12345678901234567890');
const nowMs = 1_111_111_109_000;
const now = totpStep(nowMs);

// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
const vectors: readonly [second: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];
for (const [second, code] of vectors) {
  test(`totpCode gives ${code} at second ${second}, as RFC 6238 says`, () => {
    assert.equal(totpCode(secret, totpStep(second * 1_000)), code);
  });
}

test('a code is good one step early and one step late, and not two', () => {
  const found = [-2, -1, 0, 1, 2].map((off) =>
    matchTotp(secret, totpCode(secret, now + off), nowMs, 0),
  );

  assert.deepEqual(found, [undefined, now - 1, now, now + 1, undefined]);
});

test('a code works once', () => {
  assert.equal(matchTotp(secret, totpCode(secret, now), nowMs, now), undefined);
});

test('a code of another length is wrong', () => {
  assert.equal(matchTotp(secret, '81804', nowMs, 0), undefined);
});

test('base 32 is that of RFC 4648', () => {
  const texts = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'];

  assert.deepEqual(
    texts.map((text) => toBase32(Buffer.from(text))),
    ['', 'MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'],
  );
});

test('the uri of an authenticator names issuer, account and secret', () => {
  assert.equal(
    totpUri(Buffer.from('foobar'), 'Acme & Co', 'a@b.example'),
    'otpauth://totp/Acme%20%26%20Co:a%40b.example?secret=MZXW6YTBOI&issuer=Acme%20%26%20Co',
  );
});

test('a recovery code is known however it is typed', () => {
  const [code = ''] = newRecoveryCodes((count) => Buffer.alloc(count, 7));

  assert.match(code, /^[A-Z2-7]{4}-[A-Z2-7]{4}$/u);
  assert.deepEqual(recoveryHash(code), recoveryHash(` ${code.toLowerCase().replace('-', ' ')}`));
});

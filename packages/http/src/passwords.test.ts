import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';

import { createPasswords } from './passwords.ts';

const peppers = {
  current: () => ({ keyId: 'k1', pepper: Buffer.alloc(32, 1) }),
  find: (keyId: string) => (keyId === 'k1' ? Buffer.alloc(32, 1) : undefined),
};
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
const cheap = { peppers, memoryKiB: 64, passes: 1 };
const passwords = createPasswords(cheap);

test('a password is right for its own hash, and no two hashes are the same', async () => {
  const first = await passwords.hash('correct horse');
  const second = await passwords.hash('correct horse');

  assert.match(first, /^\$argon2id\$v=19\$m=64,t=1,p=1,keyid=k1\$[\w+/]{22}\$[\w+/]{43}$/u);
  assert.notEqual(first, second);
  assert.equal(await passwords.check('correct horse', first), 'right');
  assert.equal(await passwords.check('correct hors', first), 'wrong');
  assert.equal(await passwords.check('', first), 'wrong');
});

test('the same letters typed on another system are the same password', async () => {
  const stored = await passwords.hash('Zo\u00eb12345');

  assert.equal(await passwords.check('Zoe\u030812345', stored), 'right');
});

test('a hash is nothing without the pepper that made it', async () => {
  const stored = await passwords.hash('correct horse');
  const foreign = createPasswords({ ...cheap, peppers: { ...peppers, find: () => undefined } });
  const changed = createPasswords({
    ...cheap,
    peppers: { ...peppers, find: () => Buffer.alloc(32) },
  });

  assert.equal(await foreign.check('correct horse', stored), 'wrong');
  assert.equal(await changed.check('correct horse', stored), 'wrong');
});

test('a weaker hash is right and to be replaced', async () => {
  const stored = await passwords.hash('correct horse');
  const stronger = createPasswords({ peppers, memoryKiB: 128, passes: 2 });

  assert.equal(await stronger.check('correct horse', stored), 'rightButWeak');
});

test('a scrypt hash from another system is checked once, then to be replaced', async () => {
  const salt = Buffer.alloc(16, 3);
  const key = scryptSync('correct horse', salt, 32, { N: 2 ** 10, r: 8, p: 1 });
  const stored = `$scrypt$ln=10,r=8,p=1$${unpadded(salt)}$${unpadded(key)}`;

  assert.equal(await passwords.check('correct horse', stored), 'rightButWeak');
  assert.equal(await passwords.check('correct house', stored), 'wrong');
});

test('who is unknown is wrong, and costs a hash all the same', async () => {
  const real = createPasswords({ peppers, memoryKiB: 8_192, passes: 2 });
  const stored = await real.hash('correct horse');
  const took = { unknown: Infinity, known: Infinity };
  const measure = async (name: keyof typeof took, hash: string | undefined) => {
    const startedMs = performance.now();
    assert.equal(await real.check('wrong password', hash), 'wrong');
    took[name] = Math.min(took[name], performance.now() - startedMs);
  };
  // The least of many, in turns: what other processes do at the time falls away.
  for (let n = 0; n < 15; n += 1) {
    await measure('unknown', undefined);
    await measure('known', stored);
  }

  const ratio = took.unknown / took.known;

  assert(ratio > 0.6 && ratio < 1.7, String(ratio));
});

test('a password has 8 to 256 characters', async () => {
  const refused = { code: 'auth.bad_password' };

  await assert.rejects(passwords.hash('1234567'), refused);
  await passwords.hash('12345678');
  await passwords.hash('a'.repeat(256));
  await assert.rejects(passwords.hash('a'.repeat(257)), refused);
});

test('with 32 in line the next is told to come back', async () => {
  const slow = createPasswords({ peppers, memoryKiB: 8_192, passes: 1 });

  const results = await Promise.allSettled(
    Array.from({ length: 60 }, () => slow.check('correct horse', undefined)),
  );

  const busy = results.filter((one) => one.status === 'rejected');
  assert(busy.length >= 60 - 4 - 32 && busy.length < 60);
  assert(busy.every(({ reason }) => reason.code === 'auth.busy'));
  assert.equal(await slow.check('correct horse', undefined), 'wrong');
});

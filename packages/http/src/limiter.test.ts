import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeClock } from '@plinth/testing';

import { createLimiter } from './limiter.ts';
import { createLoginLimiter } from './login-limiter.ts';

const rate = { perSecond: 10, burst: 20 };

test('a bucket lets its burst through, then its rate', async () => {
  const clock = fakeClock();
  const limiter = createLimiter({ clock });
  const takeAll = (n: number) => Array.from({ length: n }, () => limiter.take('a', rate));

  assert.deepEqual(
    takeAll(20),
    Array.from({ length: 20 }, () => 0),
  );
  assert.equal(limiter.take('a', rate), 100);
  assert.equal(limiter.take('b', rate), 0);
  await clock.advance(1_000);
  assert.equal(takeAll(15).filter((waitMs) => waitMs === 0).length, 10);
});

test('over a minute no key gets more than its rate and one burst', async () => {
  const clock = fakeClock();
  const limiter = createLimiter({ clock });
  let passed = 0;

  for (let step = 0; step < 6_000; step += 1) {
    if (limiter.take('a', rate) === 0) passed += 1;
    await clock.advance(10);
  }

  assert(passed <= 620 && passed >= 600, String(passed));
});

test('a key that was pushed out does not come back with a full bucket', async () => {
  const clock = fakeClock();
  const limiter = createLimiter({ clock, keysMax: 100 });
  for (let n = 0; n < 20; n += 1) limiter.take('a', rate);
  for (let n = 0; n < 100; n += 1) limiter.take(`other ${n}`, rate);

  const waits = Array.from({ length: 5 }, () => limiter.take('a', rate));

  assert.deepEqual(
    waits.map((waitMs) => waitMs === 0),
    [true, false, false, false, false],
  );
});

const attempt = { account: 'user-1', ip: '192.0.2.1' };
const blocked = { code: 'auth.too_many_failures' };

test('after five failures an account waits, each time twice as long, up to 15 minutes', async () => {
  const clock = fakeClock();
  const limiter = createLoginLimiter({ clock });
  const locks = Array.from({ length: 5 }, () => limiter.fail(attempt));

  assert.deepEqual(locks, [false, false, false, false, true]);
  assert.throws(() => limiter.check(attempt), { ...blocked, retryAfterMs: 1_000 });
  await clock.advance(1_000);
  limiter.check(attempt);
  limiter.fail(attempt);
  assert.throws(() => limiter.check(attempt), { ...blocked, retryAfterMs: 2_000 });
  for (let n = 0; n < 20; n += 1) limiter.fail(attempt);
  assert.throws(() => limiter.check(attempt), { ...blocked, retryAfterMs: 900_000 });
});

test('a success forgets the failures, and so does a quiet quarter of an hour', async () => {
  const clock = fakeClock();
  const limiter = createLoginLimiter({ clock });
  const failFour = () => {
    for (let n = 0; n < 4; n += 1) limiter.fail(attempt);
  };

  failFour();
  limiter.succeed(attempt);
  failFour();
  limiter.check(attempt);
  await clock.advance(900_001);
  failFour();
  limiter.check(attempt);
});

test('nobody locks another out: a device that signed in before has its own counter', () => {
  const limiter = createLoginLimiter({ clock: fakeClock() });
  for (let n = 0; n < 5; n += 1) limiter.fail({ ...attempt, ip: '198.51.100.7' });

  limiter.check({ ...attempt, device: 'user-1.abc' });
  assert.throws(() => limiter.check({ ...attempt, device: 'user-2.abc' }), blocked);
  assert.throws(() => limiter.check(attempt), blocked);
});

test('an address is stopped after fifty failures over all accounts, an IPv6 one by its /64', () => {
  const limiter = createLoginLimiter({ clock: fakeClock() });
  for (let n = 0; n < 50; n += 1) {
    limiter.fail({ account: `user-${n}`, ip: `2001:db8:1:2::${n.toString(16)}` });
  }

  assert.throws(() => limiter.check({ account: 'new', ip: '2001:db8:1:2:ffff::1' }), blocked);
  limiter.check({ account: 'new', ip: '2001:db8:1:3::1' });
});

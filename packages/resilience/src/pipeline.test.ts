import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { Problem } from '@plinth/core';
import { fakeClock } from '@plinth/testing';

import { pipeline } from './pipeline.ts';
import { presets } from './presets.ts';
import { createRetryBudget } from './retry-budget.ts';

const refused = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const reset = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' });
const codeOf = (error: unknown) => (error instanceof Problem ? error.code : String(error));
const never = () => new Promise<never>(() => undefined);
const retry = {
  max: 3,
  baseMs: 100,
  maxMs: 1_000,
  backoff: 'exponential',
  jitter: 'none',
} as const;

/** How a call of a pipeline on a fake clock ended, after so many ms. */
async function ended(clock: ReturnType<typeof fakeClock>, call: Promise<unknown>, ms = 60_000) {
  const outcome = call.then(
    (value) => ({ value, code: undefined, error: undefined }),
    (error: unknown) => ({ value: undefined, code: codeOf(error), error }),
  );
  // What a rejection leads to is armed in a later turn than the rejection.
  for (let leftMs = ms; leftMs >= 0; leftMs -= 100) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(Math.min(100, leftMs));
  }
  return outcome;
}

test('a pipeline gives what its function gives, at once or later', async () => {
  const standard = pipeline(presets.standard('plain'));

  const values = await Promise.all([standard.run(() => 1), standard.run(async () => 2)]);

  assert.deepEqual(values, [1, 2]);
  assert.equal(standard.stats().calls.success, 2);
});

test('an attempt that takes too long is ended, and the next one wins', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', attemptTimeoutMs: 1_000, retry, clock });
  const signals: AbortSignal[] = [];

  const { value } = await ended(
    clock,
    lane.run(({ attempt, signal }) => {
      signals.push(signal);
      return attempt === 1 ? never() : attempt;
    }),
  );

  assert.equal(value, 2);
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
});

test('the total timeout ends a call whatever its function does', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', totalTimeoutMs: 5_000, clock });

  const outcome = await ended(clock, lane.run(never));

  assert(outcome.error instanceof Problem);
  assert.equal(outcome.code, 'resilience.timeout');
  assert.deepEqual(outcome.error.context, { scope: 'total' });
  assert.equal(lane.stats().calls.timeout, 1);
});

test('after retries the caller gets the last real error itself', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', retry, clock });
  const errors = Array.from({ length: 4 }, reset);

  const outcome = await ended(
    clock,
    lane.run(({ attempt }) => Promise.reject(errors[attempt - 1])),
  );

  assert.equal(outcome.error, errors[3]);
  assert.deepEqual(lane.stats().attempts, [1, 1, 1, 1]);
});

for (const [what, error, attempts] of [
  ['a network error', reset(), 4],
  ['status 503', Object.assign(new Error('x'), { status: 503 }), 4],
  ['status 408', Object.assign(new Error('x'), { status: 408 }), 4],
  ['status 429', Object.assign(new Error('x'), { status: 429 }), 4],
  ['status 501', Object.assign(new Error('x'), { status: 501 }), 1],
  ['status 505', Object.assign(new Error('x'), { status: 505 }), 1],
  ['status 400', Object.assign(new Error('x'), { status: 400 }), 1],
  ['a mistake of the program', new TypeError('x is no function'), 1],
  ['what fetch wraps', Object.assign(new TypeError('fetch failed'), { cause: reset() }), 4],
  [
    'an open breaker further down',
    new Problem('x', { code: 'resilience.circuit_open', kind: 'unavailable' }),
    1,
  ],
  [
    'a deadline that is over',
    new Problem('x', { code: 'resilience.deadline_exceeded', kind: 'timeout' }),
    1,
  ],
] as const) {
  test(`${what} is tried ${attempts === 1 ? 'once' : `${attempts} times`}`, async () => {
    const clock = fakeClock();
    const lane = pipeline({ name: 'lane', retry, clock });

    const outcome = await ended(
      clock,
      lane.run(() => Promise.reject(error)),
    );

    assert.equal(outcome.error, error);
    assert.equal(
      lane.stats().attempts.reduce((sum, count) => sum + count),
      attempts,
    );
  });
}

test('a call that is not idempotent is repeated only when it has never left', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', retry, clock });
  const options = { idempotent: false };

  await ended(
    clock,
    lane.run(() => Promise.reject(reset()), options),
  );
  assert.deepEqual(lane.stats().attempts, [1, 0, 0, 0]);
  await ended(
    clock,
    lane.run(() => Promise.reject(refused()), options),
  );

  assert.deepEqual(lane.stats().attempts, [2, 1, 1, 1]);
});

test('a Retry-After that ends behind the deadline fails now', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', totalTimeoutMs: 5_000, retry, clock });
  const busy = new Problem('busy', { code: 'x.busy', kind: 'overloaded', retryAfterMs: 9_000 });

  const outcome = await ended(
    clock,
    lane.run(() => Promise.reject(busy)),
    0,
  );

  assert.equal(outcome.error, busy);
});

test('retries stop when their budget is half empty, with the real error as the cause', async () => {
  const clock = fakeClock();
  const budget = createRetryBudget();
  const lane = pipeline({ name: 'lane', retry: { ...retry, budget }, clock });
  const fail = () =>
    ended(
      clock,
      lane.run(() => Promise.reject(reset())),
    );

  await fail();
  await fail();
  const outcome = await fail();

  assert.equal(outcome.code, 'resilience.retry_budget');
  assert(outcome.error instanceof Problem && String(outcome.error.cause).includes('reset'));
  assert.equal(budget.tokens, 40);
});

test('in steady failure retries add at most a fifth to the calls', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', retry: { ...retry, budget: createRetryBudget() }, clock });
  let seen = 0;
  const dead = () => {
    seen += 1;
    return Promise.reject(reset());
  };

  const middle = pipeline({ name: 'middle', retry, clock });
  for (let call = 0; call < 200; call += 1)
    await ended(
      clock,
      middle.run(() => lane.run(dead, { once: true }), { once: true }),
      3_000,
    );

  assert(seen <= 240, `${seen} calls reached it`);
});

test('an abort by the caller gives its reason, is not retried and not counted by the breaker', async () => {
  const clock = fakeClock();
  const lane = pipeline({ ...presets.standard('abort'), clock });
  const controller = new AbortController();
  const reason = new Error('gone');

  const calls = Array.from({ length: 30 }, () =>
    ended(clock, lane.run(never, { signal: controller.signal }), 0),
  );
  controller.abort(reason);
  const outcomes = await Promise.all(calls);

  assert(outcomes.every(({ error }) => error === reason));
  assert.equal(lane.breaker.state, 'closed');
  assert.equal(lane.stats().calls.aborted, 30);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

test('with less than 5 ms left nothing is called', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', clock });
  let calls = 0;

  const outcome = await ended(
    clock,
    lane.run(() => (calls += 1), { deadlineMs: clock.mono() + 4 }),
  );

  assert.equal(outcome.code, 'resilience.deadline_exceeded');
  assert.equal(calls, 0);
});

test('the nearer of the caller’s deadline and the total timeout counts', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', totalTimeoutMs: 5_000, clock });
  const left: number[] = [];

  await lane.run((context) => left.push(context.remainingMs()), { deadlineMs: 2_000 });
  await lane.run((context) => left.push(context.remainingMs()), { deadlineMs: 9_000 });

  assert.deepEqual(left, [2_000, 5_000]);
});

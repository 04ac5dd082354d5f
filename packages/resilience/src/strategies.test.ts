import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { Problem } from '@plinth/core';
import { createTelemetry } from '@plinth/telemetry';
import { eventually, fakeClock } from '@plinth/testing';

import { pipeline } from './pipeline.ts';
import { presets } from './presets.ts';
import { timingOf } from './wheel.ts';

const reset = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' });
const codeOf = (error: unknown) => (error instanceof Problem ? error.code : String(error));
const never = () => new Promise<never>(() => undefined);

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

test('a bulkhead runs so many at once, queues in order and refuses the rest', async () => {
  const clock = fakeClock();
  const bulkhead = { max: 1, queue: 1, queueTimeoutMs: 500 };
  const lane = pipeline({ name: 'lane', bulkhead, clock });
  const gate = Promise.withResolvers<string>();

  const first = lane.run(() => gate.promise);
  const second = lane.run(() => 'second');
  const third = await ended(
    clock,
    lane.run(() => 'third'),
    0,
  );
  gate.resolve('first');

  assert.deepEqual(await Promise.all([first, second]), ['first', 'second']);
  assert.equal(third.code, 'resilience.bulkhead_full');
  assert.equal(lane.stats().inFlight, 0);
});

test('a call that waits too long for its place leaves the queue', async () => {
  const clock = fakeClock();
  const bulkhead = { max: 1, queue: 1, queueTimeoutMs: 500 };
  const lane = pipeline({ name: 'lane', bulkhead, clock });
  const held = lane.run(never);

  const outcome = await ended(
    clock,
    lane.run(() => 1),
    600,
  );

  assert.equal(outcome.code, 'resilience.bulkhead_full');
  assert.equal(lane.stats().queued, 0);
  void held;
});

test('a rate limit lets its burst through, holds its queue back and refuses the rest', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', rateLimit: { permits: 2, perMs: 1_000, queue: 1 }, clock });
  const at: number[] = [];
  const call = () => lane.run(() => at.push(clock.mono()));

  const calls = [call(), call(), call()];
  const fourth = await ended(clock, call(), 0);
  await clock.advance(1_000);
  await Promise.all(calls);

  assert.deepEqual(at, [0, 0, 500]);
  assert(fourth.error instanceof Problem);
  assert.equal(fourth.code, 'resilience.rate_limited');
  assert.equal(fourth.error.retryAfterMs, 1_000);
});

test('a breaker opens for calls, refuses without running them, and recovers', async () => {
  const clock = fakeClock();
  const lane = pipeline({ ...presets.broker('ill'), clock });
  const changes: string[] = [];
  lane.breaker.on('change', ({ from, to }) => changes.push(`${from} ${to}`));

  for (let call = 0; call < 10; call += 1)
    await ended(
      clock,
      lane.run(() => Promise.reject(reset())),
      0,
    );
  const outcome = await ended(
    clock,
    lane.run(() => 1),
    0,
  );
  await clock.advance(2_000);
  const value = await lane.run(() => 'well');

  assert.equal(outcome.code, 'resilience.circuit_open');
  assert(outcome.error instanceof Problem && outcome.error.retryAfterMs === 2_000);
  assert.equal(value, 'well');
  assert.deepEqual(changes, ['closed open', 'open half-open', 'half-open closed']);
});

test('one destination that is ill does not shut the others', async () => {
  const clock = fakeClock();
  const lane = pipeline({ ...presets.broker('many'), clock });

  for (let call = 0; call < 10; call += 1)
    await ended(
      clock,
      lane.run(() => Promise.reject(reset()), { key: 'a' }),
      0,
    );
  const ill = await ended(
    clock,
    lane.run(() => 1, { key: 'a' }),
    0,
  );

  assert.equal(ill.code, 'resilience.circuit_open');
  assert.equal(await lane.run(() => 'well', { key: 'b' }), 'well');
});

test('timeouts that fell due while the process stood still do not open the breaker', async () => {
  let nowMs = 0;
  let turn: () => void = timingOf;
  const clock = {
    mono: () => nowMs,
    every(_ms: number, fn: () => void) {
      turn = fn;
      return () => undefined;
    },
  };
  const lane = pipeline({ ...presets.broker('frozen'), clock });
  const calls = Array.from({ length: 20 }, () => lane.run(never).catch(codeOf));

  nowMs = 60_000;
  turn();

  assert.deepEqual(new Set(await Promise.all(calls)), new Set(['resilience.timeout']));
  assert.equal(lane.breaker.state, 'closed');
});

test('a fallback answers a failure, never an abort', async () => {
  const lane = pipeline({ name: 'lane', fallback: ({ error }) => String(error) });
  const controller = new AbortController();
  controller.abort('gone');

  const value = await lane.run(() => Promise.reject(new Error('ill')));

  assert.equal(value, 'Error: ill');
  await assert.rejects(lane.run(never, { signal: controller.signal }), (error) => error === 'gone');
});

test('a hedge asks a second time and the first success wins', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', hedge: { delayMs: 100, max: 1, budget: 1 }, clock });
  const hedged: boolean[] = [];
  const ended1 = Promise.withResolvers<unknown>();

  const call = lane.run(
    (context) => {
      hedged.push(context.hedged);
      if (context.hedged) return 'second';
      context.signal.addEventListener('abort', () => ended1.resolve('aborted'));
      return never();
    },
    { idempotent: true },
  );
  await clock.advance(200);

  assert.equal(await call, 'second');
  assert.equal(await ended1.promise, 'aborted');
  assert.deepEqual(hedged, [false, true]);
  assert.equal(lane.stats().hedgeWins, 1);
});

test('a call that does not say that it is idempotent is not hedged', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', hedge: { delayMs: 100, max: 1, budget: 1 }, clock });
  let calls = 0;

  const call = lane.run(() => {
    calls += 1;
    return clock.sleep(500, new AbortController().signal);
  });
  await clock.advance(600);
  await call;

  assert.equal(calls, 1);
});

test('when all hedged calls fail the first error is told', async () => {
  const clock = fakeClock();
  const lane = pipeline({ name: 'lane', hedge: { delayMs: 100, max: 1, budget: 1 }, clock });

  const outcome = await ended(
    clock,
    lane.run(
      async ({ hedged }) => {
        await clock.sleep(hedged ? 500 : 200, new AbortController().signal);
        throw new Error(hedged ? 'second' : 'first');
      },
      { idempotent: true },
    ),
  );

  assert.equal(outcome.code, 'Error: first');
});

for (const [what, options] of [
  ['an attempt longer than the total', { attemptTimeoutMs: 2, totalTimeoutMs: 1 }],
  ['a timeout that is no number', { totalTimeoutMs: Number.NaN }],
  ['a ratio above 1', { breaker: { ...presets.broker('x').breaker, failureRatio: 1.1 } }],
  ['a window below 500 ms', { breaker: { ...presets.broker('x').breaker, windowMs: 499 } }],
  ['an option that is not known', { totalTimeout: 5 }],
] as const) {
  test(`${what} is refused when the pipeline is built`, () => {
    assert.throws(() => pipeline({ name: 'lane', ...options }), TypeError);
  });
}

test('100,000 calls with timeouts leave nothing in the wheel', async () => {
  const lane = pipeline(presets.standard('leak'));
  const { signal } = new AbortController();

  for (let call = 0; call < 100_000; call += 1) await lane.run(async () => call, { signal });

  assert.equal(timingOf().wheel.armedCount, 0);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.equal(lane.stats().inFlight, 0);
});

test('metrics and health tell of calls and of an open breaker', async () => {
  const clock = fakeClock();
  const telemetry = createTelemetry({ clock, role: 'all', version: '1' });
  const lane = pipeline({ ...presets.broker('seen'), telemetry, clock });
  telemetry.start();

  for (let call = 0; call < 10; call += 1)
    await lane.run(() => Promise.reject(reset())).catch(codeOf);

  const { body } = telemetry.render();
  assert.match(body, /plinth_resilience_calls_total\{pipeline="seen",outcome="failure"\} 10/u);
  assert.match(body, /plinth_resilience_breaker_state\{pipeline="seen"\} 2/u);
  await eventually(async () => {
    await clock.advance(10_000);
    return telemetry.health.report().some(({ name, state }) => {
      return name === 'resilience.seen' && state === 'degraded';
    });
  });
  telemetry.stop();
  lane.dispose();
  assert.doesNotMatch(telemetry.render().body, /plinth_resilience_calls_total\{pipeline="seen"/u);
});

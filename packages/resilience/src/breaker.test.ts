import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Breaker, type Verdict } from './breaker.ts';
import type { BreakerState } from './options.ts';

const options = {
  failureRatio: 0.5,
  windowMs: 10_000,
  minThroughput: 4,
  breakMs: 1_000,
  maxBreakMs: 4_000,
  halfOpenCalls: 1,
};

function create(changed: Partial<typeof options> = {}) {
  const changes: [BreakerState, BreakerState][] = [];
  const breaker = new Breaker(
    { ...options, ...changed },
    { random: () => 0.5, probeMs: 3_000, onChange: (from, to) => void changes.push([from, to]) },
  );
  return { breaker, changes };
}

function run(breaker: Breaker, nowMs: number, verdict: Verdict): boolean {
  const generation = breaker.enter(nowMs);
  if (generation >= 0) breaker.leave(generation, nowMs, verdict);
  return generation >= 0;
}

function opened(changed: Partial<typeof options> = {}) {
  const created = create(changed);
  for (let call = 0; call < 4; call += 1) run(created.breaker, 0, 'failure');
  return created;
}

test('a closed breaker opens at its ratio, once enough calls were made', () => {
  const { breaker } = create();

  for (const verdict of ['failure', 'success', 'failure'] as const) run(breaker, 0, verdict);
  assert.equal(breaker.state, 'closed');
  run(breaker, 0, 'success');
  run(breaker, 0, 'failure');

  assert.equal(breaker.state, 'open');
});

test('a closed breaker stays closed below its ratio', () => {
  const { breaker } = create();

  for (let call = 0; call < 100; call += 1)
    run(breaker, call, call % 3 === 2 ? 'failure' : 'success');

  assert.equal(breaker.state, 'closed');
});

test('an open breaker refuses until its break is over, then admits one probe', () => {
  const { breaker } = opened();

  assert.equal(breaker.enter(999), -1);
  assert.equal(breaker.retryAfterMs(400), 600);
  assert(breaker.enter(1_000) >= 0);

  assert.equal(breaker.state, 'half-open');
  assert.equal(breaker.enter(1_000), -1);
});

test('a probe that succeeds closes the breaker and clears its window', () => {
  const { breaker } = opened();

  run(breaker, 1_000, 'success');
  for (let call = 0; call < 3; call += 1) run(breaker, 1_001, 'failure');

  assert.equal(breaker.state, 'closed');
});

test('all probes must succeed where several are asked for', () => {
  const { breaker } = opened({ halfOpenCalls: 2 });

  const first = breaker.enter(1_000);
  const second = breaker.enter(1_000);
  breaker.leave(first, 1_001, 'success');
  assert.equal(breaker.state, 'half-open');
  breaker.leave(second, 1_002, 'success');

  assert.equal(breaker.state, 'closed');
});

test('a probe that fails doubles the break, up to its maximum', () => {
  const { breaker } = opened();
  const waits: number[] = [];

  let nowMs = 1_000;
  for (let probe = 0; probe < 4; probe += 1) {
    run(breaker, nowMs, 'failure');
    waits.push(breaker.retryAfterMs(nowMs));
    nowMs += breaker.retryAfterMs(nowMs);
  }

  assert.deepEqual(waits, [2_000, 4_000, 4_000, 4_000]);
});

test('a probe that its caller aborted gives its place back and judges nothing', () => {
  const { breaker } = opened();

  run(breaker, 1_000, 'neither');

  assert.equal(breaker.state, 'half-open');
  assert(breaker.enter(1_001) >= 0);
});

test('a probe that never ends counts as failed and does not wedge the breaker', () => {
  const { breaker } = opened();
  breaker.enter(1_000);

  assert.equal(breaker.enter(3_999), -1);
  assert.equal(breaker.state, 'half-open');
  assert.equal(breaker.enter(4_000), -1);

  assert.equal(breaker.state, 'open');
  assert(breaker.enter(6_000) >= 0);
});

test('a result of an earlier state is ignored', () => {
  const { breaker } = create();
  const late = breaker.enter(0);
  for (let call = 0; call < 4; call += 1) run(breaker, 0, 'failure');
  breaker.enter(1_000);

  assert.equal(breaker.leave(late, 1_001, 'success'), false);

  assert.equal(breaker.state, 'half-open');
});

test('an isolated breaker refuses until it is reset', () => {
  const { breaker, changes } = create();

  breaker.isolate('a drill');
  assert.equal(breaker.enter(1_000_000), -1);
  breaker.reset();

  assert(breaker.enter(1_000_000) >= 0);
  assert.deepEqual(changes, [
    ['closed', 'isolated'],
    ['isolated', 'closed'],
  ]);
});

test('failures that left the window no longer count', () => {
  const { breaker } = create();

  for (let call = 0; call < 3; call += 1) run(breaker, 0, 'failure');
  run(breaker, 10_000, 'failure');

  assert.equal(breaker.state, 'closed');
});

/** The same rules over plain lists, without buckets or generations kept in numbers. */
class Model {
  state: BreakerState = 'closed';
  seen: { bucket: number; failed: boolean }[] = [];
  openUntilMs = 0;
  breakMs = options.breakMs;
  probeMs: number | undefined;
  era = 0;

  enter(nowMs: number): number {
    if (this.state === 'open' && nowMs >= this.openUntilMs) {
      this.to('half-open');
      this.probeMs = undefined;
    }
    if (this.state === 'half-open') {
      if (this.probeMs !== undefined) {
        if (nowMs - this.probeMs >= 3_000) this.reopen(nowMs);
        return -1;
      }
      this.probeMs = nowMs;
      return this.era;
    }
    return this.state === 'closed' ? this.era : -1;
  }

  leave(era: number, nowMs: number, verdict: Verdict): void {
    if (era !== this.era) return;
    if (this.state === 'half-open') {
      if (verdict === 'neither') this.probeMs = undefined;
      else if (verdict === 'failure') this.reopen(nowMs);
      else {
        this.to('closed');
        this.seen = [];
        this.breakMs = options.breakMs;
      }
      return;
    }
    if (this.state !== 'closed' || verdict === 'neither') return;
    const bucket = Math.floor(nowMs / 1_000);
    this.seen.push({ bucket, failed: verdict === 'failure' });
    const current = this.seen.filter((one) => one.bucket > bucket - 10);
    const failed = current.filter((one) => one.failed).length;
    if (verdict !== 'failure' || current.length < 4 || failed / current.length < 0.5) return;
    this.openUntilMs = nowMs + this.breakMs;
    this.to('open');
  }

  reopen(nowMs: number): void {
    this.breakMs = Math.min(2 * this.breakMs, options.maxBreakMs);
    this.openUntilMs = nowMs + this.breakMs;
    this.to('open');
  }

  to(state: BreakerState): void {
    this.state = state;
    this.era += 1;
  }
}

const event = fc.oneof(
  fc.record({ kind: fc.constant('enter' as const), afterMs: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({
    kind: fc.constant('leave' as const),
    afterMs: fc.integer({ min: 0, max: 1_500 }),
    which: fc.nat(8),
    verdict: fc.constantFrom<Verdict>('success', 'failure', 'failure', 'neither'),
  }),
  fc.record({ kind: fc.constant('pause' as const), afterMs: fc.integer({ min: 0, max: 30_000 }) }),
);
const sequences = process.env['PLINTH_TEST_LONG'] === '1' ? 100_000 : 4_000;

test(`the breaker does what its table says, in ${sequences} random histories`, () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const { breaker } = create();
      const model = new Model();
      const entered: [number, number][] = [];
      let nowMs = 0;
      for (const one of events) {
        nowMs += one.afterMs;
        if (one.kind === 'enter') {
          const pair: [number, number] = [breaker.enter(nowMs), model.enter(nowMs)];
          assert.equal(pair[0] >= 0, pair[1] >= 0);
          if (pair[0] >= 0) entered.push(pair);
        } else if (one.kind === 'leave') {
          const [pair] = entered.splice(one.which % Math.max(1, entered.length), 1);
          if (pair === undefined) continue;
          breaker.leave(pair[0], nowMs, one.verdict);
          model.leave(pair[1], nowMs, one.verdict);
        }
        assert.equal(breaker.state, model.state);
      }
    }),
    { numRuns: sequences },
  );
});

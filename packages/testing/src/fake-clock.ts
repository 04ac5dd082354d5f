import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Clock } from '@plinth/core';

/** A clock that moves when the test says so, and only forwards. */
export interface FakeClock extends Clock {
  /** Moves on, firing timers in their order, and waits for what each starts until that ends or sleeps. */
  advance(ms: number): Promise<void>;
  /** Sleeps and intervals that wait. */
  pending(): number;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  fire(): unknown;
}

const startDefault = Date.parse('2026-01-15T12:00:00Z');

/** @param startMs milliseconds since the epoch; default 2026-01-15T12:00:00Z. */
export function fakeClock(startMs: number = startDefault): FakeClock {
  let now = startMs;
  let orders = 0;
  let onAdded: (() => void) | undefined;
  const timers = new Set<Timer>();

  function add(ms: number, onDue: () => unknown): Timer {
    orders += 1;
    const timer = { atMs: now + Math.max(0, ms), order: orders, fire: onDue };
    timers.add(timer);
    onAdded?.();
    return timer;
  }

  async function fire(timer: Timer): Promise<void> {
    timers.delete(timer);
    now = Math.max(now, timer.atMs);
    const slept = Promise.withResolvers<void>();
    onAdded = slept.resolve;
    await Promise.race([timer.fire(), slept.promise]);
    await nextTurn();
  }

  return {
    now: () => now,
    mono: () => now - startMs,
    sleep: (ms, signal) => sleepUntil(ms, signal, { add, remove: (timer) => timers.delete(timer) }),
    every(ms, fn) {
      let ended = false;
      let timer: Timer;
      const arm = () => {
        timer = add(ms, async () => {
          await fn();
          if (!ended) arm();
        });
      };
      arm();
      return () => {
        ended = true;
        timers.delete(timer);
      };
    },
    async advance(ms) {
      assert(ms >= 0, 'time goes forwards');
      const until = now + ms;
      for (;;) {
        const due = [...timers].filter(({ atMs }) => atMs <= until).toSorted(byTime)[0];
        if (due === undefined) break;
        await fire(due);
      }
      now = until;
    },
    pending: () => timers.size,
  };
}

function byTime(a: Timer, b: Timer): number {
  return a.atMs - b.atMs || a.order - b.order;
}

interface Timers {
  add(ms: number, fire: () => unknown): Timer;
  remove(timer: Timer): void;
}

async function sleepUntil(ms: number, signal: AbortSignal, timers: Timers): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = timers.add(ms, resolve);
  const onAbort = () => {
    timers.remove(timer);
    reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  await promise.finally(() => signal.removeEventListener('abort', onAbort));
}

import type { Clock } from '@plinth/core';

export interface Loop {
  /** Works at once, or once more after what it does now. */
  wake(): void;
  /** Resolves when the work in hand is done. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly clock: Clock;
  /** Between two works that found nothing; it doubles up to `idleMsMax`. */
  readonly idleMs: number;
  readonly idleMsMax: number;
  /** True: there is more to do. */
  work(): Promise<boolean>;
  onError(error: unknown): void;
}

const failureMs = 100;
const failureMsMax = 5_000;

/** Work that repeats: at once while there is more, on a wake, and by itself after a while. */
export function startLoop({ clock, idleMs, idleMsMax, work, onError }: LoopOptions): Loop {
  const state = { isStopped: false, isWoken: false, failures: 0, waitMs: idleMs };
  let sleeping: AbortController | undefined;

  async function once(): Promise<boolean> {
    try {
      const more = await work();
      state.failures = 0;
      return more;
    } catch (error) {
      state.failures += 1;
      onError(error);
      return false;
    }
  }

  async function pause(): Promise<void> {
    const { failures, waitMs } = state;
    const ms = failures > 0 ? Math.min(failureMs * 2 ** failures, failureMsMax) : waitMs;
    sleeping = new AbortController();
    // An abort is a wake.
    await clock.sleep(ms, sleeping.signal).catch(() => 'woken');
    sleeping = undefined;
    state.waitMs = state.isWoken ? idleMs : Math.min(waitMs * 2, idleMsMax);
  }

  async function run(): Promise<void> {
    while (!state.isStopped) {
      state.isWoken = false;
      const more = await once();
      if (more) state.waitMs = idleMs;
      else if (!isDue(state)) await pause();
    }
  }

  const running = run();
  return {
    wake() {
      state.isWoken = true;
      // The wait after a failure is not cut short: a database that is down is not hammered.
      if (state.failures === 0) sleeping?.abort();
    },
    async stop() {
      state.isStopped = true;
      sleeping?.abort();
      await running;
    },
  };
}

function isDue(state: { isStopped: boolean; isWoken: boolean; failures: number }): boolean {
  return state.isStopped || (state.isWoken && state.failures === 0);
}

import type { Clock } from '@plinth/core';

export interface Loop {
  /** Works at once, or once more after what it does now. */
  wake(): void;
  /** Resolves when the work in hand is done. */
  stop(): Promise<void>;
}

interface Options {
  readonly clock: Clock;
  /** Between two works that found nothing; it doubles up to `idleMsMax`. */
  readonly idleMs: number;
  readonly idleMsMax: number;
  /** True: there is more to do. */
  work(): Promise<boolean>;
  onError(error: unknown): void;
}

const failureMsMin = 100;
const failureMsMax = 5_000;

/** Work that repeats: at once while there is more, on a wake, and by itself after a while. */
export function startLoop({ clock, idleMs, idleMsMax, work, onError }: Options): Loop {
  let isStopped = false;
  let isWoken = false;
  let failures = 0;
  let waitMs = idleMs;
  let sleeping: AbortController | undefined;

  async function once(): Promise<boolean> {
    try {
      const more = await work();
      failures = 0;
      return more;
    } catch (error) {
      failures += 1;
      onError(error);
      return false;
    }
  }

  async function pause(): Promise<void> {
    const failureMs = Math.min(failureMsMin * 2 ** failures, failureMsMax);
    sleeping = new AbortController();
    await clock.sleep(failures > 0 ? failureMs : waitMs, sleeping.signal).catch(() => undefined);
    sleeping = undefined;
    waitMs = isWoken ? idleMs : Math.min(waitMs * 2, idleMsMax);
  }

  async function run(): Promise<void> {
    while (!isOver()) {
      isWoken = false;
      const more = await once();
      if (more) waitMs = idleMs;
      else if (!isDue()) await pause();
    }
  }

  const isOver = () => isStopped;
  const isDue = () => isStopped || (isWoken && failures === 0);
  const running = run();
  return {
    wake() {
      isWoken = true;
      // A failure's wait is not cut short: whoever publishes much would hammer a database that is down.
      if (failures === 0) sleeping?.abort();
    },
    async stop() {
      isStopped = true;
      sleeping?.abort();
      await running;
    },
  };
}

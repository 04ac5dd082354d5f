import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time. Domain code never reads it: it is given a day or an instant. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Milliseconds of a clock that never steps back; its zero means nothing. */
  mono(): number;
  /** @throws the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Calls `fn` every `ms`, never two at once, until the returned function is called.
   * The timer does not keep the process alive.
   *
   * @param options.jitterRatio shortens or lengthens each wait by up to this part, so that processes spread.
   */
  every(ms: number, fn: () => void | Promise<void>, options?: { jitterRatio?: number }): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
  every(ms, fn, { jitterRatio = 0 } = {}) {
    let ended = false;
    let timer: NodeJS.Timeout;
    const arm = () => {
      const waitMs = ms * (1 + jitterRatio * (2 * Math.random() - 1));
      timer = setTimeout(() => void tick(), waitMs);
      timer.unref();
    };
    const tick = async () => {
      try {
        await fn();
      } finally {
        if (!ended) arm();
      }
    };
    arm();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  },
};

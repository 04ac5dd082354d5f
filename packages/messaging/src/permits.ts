/** A number of places; who finds none waits for one, first come, first served. */
export interface Permits {
  /** Runs `work` in a place of its own. */
  hold<result>(work: () => Promise<result>): Promise<result>;
}

export function createPermits(count: number): Permits {
  let free = count;
  const waiting: (() => void)[] = [];

  async function take(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    await promise;
  }

  function giveBack(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async hold(work) {
      await take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}

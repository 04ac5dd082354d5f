import { cancelledProblem, unavailableProblem } from './errors.ts';

/** Past it the next caller is refused at once. */
const queuePerPlace = 100;

/** Lets so many in at once, and the others in the order they came: slow work takes no more than its share. */
export class Bulkhead {
  readonly #max: number;
  readonly #waiters: (() => void)[] = [];
  #inside = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * @returns what gives the place back, to be called once.
   * @throws {Problem} `postgres.unavailable` when too many wait, `postgres.cancelled`.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (this.#inside < this.#max) this.#inside += 1;
    else await this.#wait(signal);
    return () => this.#leave();
  }

  /** A place that somebody waits for changes hands without becoming free. */
  #leave(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiters.length >= this.#max * queuePerPlace) {
      throw unavailableProblem('Too many reports wait for the database.');
    }
    if (signal.aborted) throw cancelledProblem(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      const at = this.#waiters.indexOf(resolve);
      if (at >= 0) this.#waiters.splice(at, 1);
      reject(cancelledProblem(signal.reason));
    };
    this.#waiters.push(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}

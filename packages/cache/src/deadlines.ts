import type { Clock } from '@plinth/core';

interface Deadline {
  readonly atMs: number;
  readonly fire: () => void;
}

/** Those of one length: first begun, first due. */
interface Line {
  readonly waiting: Set<Deadline>;
  asleep: AbortController | undefined;
  isLeaving: boolean;
}

/**
 * Deadlines of work that nearly always ends before: all of one length share one sleep of the clock, since a timer
 * and the error that ends it cost more than most of that work. With the last of them the sleep ends.
 */
export class Deadlines {
  readonly #clock: Pick<Clock, 'mono' | 'sleep'>;
  readonly #lines = new Map<number, Line>();

  constructor(clock: Pick<Clock, 'mono' | 'sleep'>) {
    this.#clock = clock;
  }

  /** @returns what calls it off. */
  add(ms: number, fire: () => void): () => void {
    const line = this.#lineOf(ms);
    const deadline = { atMs: this.#clock.mono() + ms, fire };
    line.waiting.add(deadline);
    if (line.asleep === undefined) void this.#sleep(ms, line, ms);
    return () => {
      line.waiting.delete(deadline);
      if (line.waiting.size === 0) this.#leave(ms, line);
    };
  }

  #lineOf(ms: number): Line {
    const known = this.#lines.get(ms);
    if (known !== undefined) return known;
    const made: Line = { waiting: new Set(), asleep: undefined, isLeaving: false };
    this.#lines.set(ms, made);
    return made;
  }

  /** Once a turn, so that a line whose work comes and goes keeps its sleep. */
  #leave(ms: number, line: Line): void {
    if (line.isLeaving) return;
    line.isLeaving = true;
    setImmediate(() => {
      line.isLeaving = false;
      if (line.waiting.size > 0) return;
      this.#lines.delete(ms);
      line.asleep?.abort();
    });
  }

  async #sleep(ms: number, line: Line, forMs: number): Promise<void> {
    const asleep = new AbortController();
    line.asleep = asleep;
    try {
      await this.#clock.sleep(forMs, asleep.signal);
    } catch {
      // Nothing is waited for any more.
      return;
    }
    const now = this.#clock.mono();
    for (const deadline of line.waiting) {
      if (deadline.atMs > now) break;
      line.waiting.delete(deadline);
      deadline.fire();
    }
    const [next] = line.waiting;
    if (next !== undefined) return this.#sleep(ms, line, next.atMs - now);
    line.asleep = undefined;
    this.#leave(ms, line);
  }
}

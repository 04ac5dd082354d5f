import type { BulkheadOptions, RateLimitOptions } from './options.ts';

/** A call that waits for its turn. */
export interface Waiter {
  /** It has a place now. */
  admit(nowMs: number): void;
}

/** At most so many calls at once; the others wait in the order in which they came. */
export class Bulkhead {
  readonly #options: BulkheadOptions;
  readonly #waiting = new Set<Waiter>();
  #used = 0;

  constructor(options: BulkheadOptions) {
    this.#options = options;
  }

  get used(): number {
    return this.#used;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  enter(): boolean {
    if (this.#used >= this.#options.max) return false;
    this.#used += 1;
    return true;
  }

  /** False: the queue is full. */
  wait(waiter: Waiter): boolean {
    if (this.#waiting.size >= this.#options.queue) return false;
    this.#waiting.add(waiter);
    return true;
  }

  /** It went away; its place in the queue is free at once. */
  giveUp(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  leave(nowMs: number): void {
    if (this.#waiting.size === 0) {
      this.#used -= 1;
      return;
    }
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next.admit(nowMs);
      return;
    }
  }
}

/** Token bucket of one process. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #queueMax: number;
  #tokens: number;
  #filledMs = -Infinity;

  constructor({ permits, perMs, burst = permits, queue }: RateLimitOptions) {
    this.#perMs = permits / perMs;
    this.#burst = burst;
    this.#queueMax = queue;
    this.#tokens = burst;
  }

  /** @returns how long to wait for the token that was taken; below 0: none is given, come back after so many ms. */
  take(nowMs: number): number {
    const gained = (nowMs - this.#filledMs) * this.#perMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledMs = nowMs;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    const waitMs = (1 - this.#tokens) / this.#perMs;
    if (Math.ceil(1 - this.#tokens) > this.#queueMax) return -waitMs;
    this.#tokens -= 1;
    return waitMs;
  }

  /** A token that was waited for and is not used. */
  giveBack(): void {
    this.#tokens += 1;
  }
}

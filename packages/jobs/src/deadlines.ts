import type { Clock } from '@plinth/core';

interface Timed {
  abort(reason: 'timeout'): void;
}

/** Aborts what runs too long: one sleep for all jobs of a process, to the end of the earliest. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #due = new Map<Timed, number>();
  #armedFor = Infinity;
  #sleeping: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(job: Timed, ms: number): void {
    const due = this.#clock.mono() + ms;
    this.#due.set(job, due);
    if (due < this.#armedFor) this.#arm(due);
  }

  /** The sleep goes on: to end and begin one a job would cost more than most jobs. */
  remove(job: Timed): void {
    this.#due.delete(job);
  }

  stop(): void {
    this.#due.clear();
    this.#sleeping?.abort();
    this.#armedFor = Infinity;
  }

  #arm(due: number): void {
    this.#sleeping?.abort();
    this.#sleeping = new AbortController();
    this.#armedFor = due;
    void this.#watch(due, this.#sleeping.signal);
  }

  async #watch(due: number, signal: AbortSignal): Promise<void> {
    const ms = Math.max(0, due - this.#clock.mono());
    // An abort means that another sleep ends earlier, or that none is wanted.
    const how = await this.#clock.sleep(ms, signal).catch(() => 'aborted');
    if (how !== 'aborted') this.#abortDue();
  }

  #abortDue(): void {
    const now = this.#clock.mono();
    let next = Infinity;
    for (const [job, due] of this.#due) {
      if (due > now) next = Math.min(next, due);
      else {
        this.#due.delete(job);
        job.abort('timeout');
      }
    }
    this.#armedFor = Infinity;
    if (next < Infinity) this.#arm(next);
  }
}

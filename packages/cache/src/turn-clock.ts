import type { Clock } from '@plinth/core';

/**
 * The time of this turn of the event loop: read on first use, thrown away at its end. A timer would be wrong:
 * after a process was stopped, sockets are served before timers, with the time from before.
 */
export class TurnClock {
  readonly #clock: Pick<Clock, 'mono'>;
  #time = 0;
  #isRead = false;

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock;
  }

  now(): number {
    if (!this.#isRead) {
      this.#time = this.#clock.mono();
      this.#isRead = true;
      setImmediate(this.#forget);
    }
    return this.#time;
  }

  readonly #forget = () => {
    this.#isRead = false;
  };
}

import type { Clock } from '@plinth/core';

/**
 * The time of this turn of the event loop: read on first use, thrown away at its end. A timer would be wrong:
 * after a process was stopped, sockets are served before timers, with the time from before.
 */
export class TurnClock {
  readonly #clock: Pick<Clock, 'mono'>;
  readonly #isBlind: (now: number) => boolean;
  #time = 0;
  #hitTime = 0;
  #isRead = false;

  /** @param isBlind is asked at each refresh: no timer is. */
  constructor(clock: Pick<Clock, 'mono'>, isBlind: (now: number) => boolean) {
    this.#clock = clock;
    this.#isBlind = isBlind;
  }

  now(): number {
    if (!this.#isRead) {
      this.#time = this.#clock.mono();
      this.#hitTime = this.#isBlind(this.#time) ? Infinity : this.#time;
      this.#isRead = true;
      setImmediate(this.#forget);
    }
    return this.#time;
  }

  /** Infinity while blind, so that no hit is one without a closer look. */
  hitNow(): number {
    if (!this.#isRead) this.now();
    return this.#hitTime;
  }

  readonly #forget = () => {
    this.#isRead = false;
  };
}

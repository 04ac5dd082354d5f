/** Something that waits for an instant; it is a link of the wheel's lists itself, so that arming allocates nothing. */
export interface Timed {
  dueMs: number;
  /** Place in the wheel; `idle` when it waits for nothing. */
  slot: number;
  before: Timed | undefined;
  behind: Timed | undefined;
  onDue(nowMs: number): void;
}

/** What the wheel is turned by. */
export interface Ticker {
  mono(): number;
  every(ms: number, fn: () => void): () => void;
}

const tickMs = 10;
const slotCount = 1_024;
export const idle = -1;
const collected = -2;
/** A turn that comes so late was no busy loop: the process or its machine stood still. */
const standstillMs = 400;

/**
 * Timeouts of all calls by one interval: late by at most a turn (about 12 ms on a free loop), early never.
 *
 * Hashed timing wheel (Varghese and Lauck, 1987). The interval runs only while something waits, and keeps the
 * process alive so long: a process whose last pending thing is a call must not end silently.
 */
export class Wheel {
  readonly #ticker: Ticker;
  readonly #slots: (Timed | undefined)[] = Array.from({ length: slotCount });
  #armedCount = 0;
  #turnedMs = 0;
  #stop: (() => void) | undefined;
  /** The last time in which nothing ran: its beginning and length. */
  standstill = { beganMs: -Infinity, ms: 0 };

  constructor(ticker: Ticker) {
    this.#ticker = ticker;
  }

  get armedCount(): number {
    return this.#armedCount;
  }

  arm(timed: Timed, dueMs: number, nowMs: number): void {
    const slot = Math.floor(dueMs / tickMs) % slotCount;
    const first = this.#slots[slot];
    timed.dueMs = dueMs;
    timed.slot = slot;
    timed.before = undefined;
    timed.behind = first;
    if (first !== undefined) first.before = timed;
    this.#slots[slot] = timed;
    this.#armedCount += 1;
    if (this.#stop === undefined) this.#start(nowMs);
  }

  disarm(timed: Timed): void {
    const { slot, before, behind } = timed;
    timed.slot = idle;
    if (slot < 0) return;
    if (before === undefined) this.#slots[slot] = behind;
    else before.behind = behind;
    if (behind !== undefined) behind.before = before;
    timed.before = undefined;
    timed.behind = undefined;
    this.#armedCount -= 1;
  }

  #start(nowMs: number): void {
    this.#turnedMs = nowMs;
    this.#stop = this.#ticker.every(tickMs, () => this.#turn(this.#ticker.mono()));
  }

  #turn(nowMs: number): void {
    const beganMs = this.#turnedMs;
    if (nowMs - beganMs > standstillMs) this.standstill = { beganMs, ms: nowMs - beganMs };
    this.#turnedMs = nowMs;
    const due = this.#collect(Math.floor(beganMs / tickMs), nowMs);
    for (const timed of due) {
      // One that fires before may have called the others off.
      if (timed.slot !== collected) continue;
      timed.slot = idle;
      timed.onDue(nowMs);
    }
    if (this.#armedCount > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #collect(fromTick: number, nowMs: number): Timed[] {
    const due: Timed[] = [];
    const toTick = Math.min(Math.floor(nowMs / tickMs), fromTick + slotCount - 1);
    for (let tick = fromTick; tick <= toTick; tick += 1) {
      let timed = this.#slots[tick % slotCount];
      while (timed !== undefined) {
        const next = timed.behind;
        if (timed.dueMs <= nowMs) {
          this.disarm(timed);
          timed.slot = collected;
          due.push(timed);
        }
        timed = next;
      }
    }
    return due.toSorted((a, b) => a.dueMs - b.dueMs);
  }
}

const systemTicker: Ticker = {
  mono: () => performance.now(),
  every(ms, fn) {
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
};

const wheels = new WeakMap<Ticker, Wheel>();

export interface Timing {
  readonly ticker: Ticker;
  readonly wheel: Wheel;
}

/** All pipelines of one clock share one wheel. */
export function timingOf(ticker: Ticker = systemTicker): Timing {
  const wheel = wheels.get(ticker) ?? new Wheel(ticker);
  wheels.set(ticker, wheel);
  return { ticker, wheel };
}

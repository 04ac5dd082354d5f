const windowMs = 2_000;
const callsMin = 20;
const failureShare = 0.5;
const timeoutsMax = 5;
const openMs = 1_000;

/**
 * Keeps calls from a server that does not answer: opens at half of 20 in 2 s or at five timeouts in a row, and
 * lets one probe through after a second.
 */
export class Breaker {
  readonly #now: () => number;
  readonly #probe: () => Promise<unknown>;
  #openedAt: number | undefined;
  #isProbing = false;
  #since = 0;
  #calls = 0;
  #failures = 0;
  #timeouts = 0;

  constructor(now: () => number, probe: () => Promise<unknown>) {
    this.#now = now;
    this.#probe = probe;
  }

  /** True while calls may pass. */
  get isClosed(): boolean {
    if (this.#openedAt === undefined) return true;
    if (!this.#isProbing && this.#now() - this.#openedAt >= openMs) void this.#tryAgain();
    return false;
  }

  succeeded(): void {
    this.#count();
    this.#timeouts = 0;
  }

  failed(isTimeout: boolean): void {
    this.#count();
    this.#failures += 1;
    this.#timeouts = isTimeout ? this.#timeouts + 1 : 0;
    const isHalf = this.#calls >= callsMin && this.#failures >= this.#calls * failureShare;
    if (isHalf || this.#timeouts >= timeoutsMax) this.#openedAt ??= this.#now();
  }

  #count(): void {
    if (this.#now() - this.#since > windowMs) {
      this.#since = this.#now();
      this.#calls = 0;
      this.#failures = 0;
    }
    this.#calls += 1;
  }

  async #tryAgain(): Promise<void> {
    this.#isProbing = true;
    try {
      await this.#probe();
      this.#openedAt = undefined;
      this.#timeouts = 0;
      this.#calls = 0;
      this.#failures = 0;
    } catch {
      // Still away: the next probe comes after another second.
      this.#openedAt = this.#now();
    } finally {
      this.#isProbing = false;
    }
  }
}

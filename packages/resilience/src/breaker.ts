import type { BreakerOptions, BreakerState } from './options.ts';

/** What an attempt says of its target. An abort by the caller says nothing. */
export type Verdict = 'success' | 'failure' | 'neither';

type Change = (from: BreakerState, to: BreakerState, why: string | undefined) => void;

const buckets = 10;
const refused = -1;

/**
 * Judges one target by the attempts of the last window: ten buckets that are moved on use, no timer.
 *
 * Each change of state begins a new generation; what began in an earlier one no longer counts.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #random: () => number;
  readonly #onChange: Change;
  readonly #probeMs: number;
  readonly #bucketMs: number;
  /** Calls and failures of each bucket, in turn. */
  readonly #counts = new Int32Array(2 * buckets);
  #bucket = 0;
  #calls = 0;
  #failures = 0;
  #breakMs: number;
  #openUntilMs = 0;
  #probes = 0;
  #probedOk = 0;
  #probedMs = 0;
  #why = '';
  state: BreakerState = 'closed';
  generation = 0;

  /** @param probeMs after which a probe without any end counts as failed. */
  constructor(
    options: BreakerOptions,
    needs: { random: () => number; probeMs: number; onChange: Change },
  ) {
    this.#options = options;
    this.#random = needs.random;
    this.#onChange = needs.onChange;
    this.#probeMs = Math.min(needs.probeMs, options.maxBreakMs);
    this.#bucketMs = options.windowMs / buckets;
    this.#breakMs = options.breakMs;
  }

  /** Whether it refuses whatever comes now; asked before anything is made for a call. */
  refuses(nowMs: number): boolean {
    return this.state === 'isolated' || (this.state === 'open' && nowMs < this.#openUntilMs);
  }

  /** @returns the generation that the attempt belongs to, or below 0 when it is refused. */
  enter(nowMs: number): number {
    if (this.state === 'closed') return this.generation;
    if (this.state === 'isolated') return refused;
    if (this.state === 'open') {
      if (nowMs < this.#openUntilMs) return refused;
      this.#change('half-open');
      this.#probes = 0;
      this.#probedOk = 0;
    }
    if (this.#probes >= this.#options.halfOpenCalls) {
      // A probe that is lost must not keep the target shut for ever.
      if (nowMs - this.#probedMs >= this.#probeMs) this.#reopen(nowMs);
      return refused;
    }
    this.#probes += 1;
    this.#probedMs = nowMs;
    return this.generation;
  }

  /** @returns false for a late one, which changes nothing. */
  leave(generation: number, nowMs: number, verdict: Verdict): boolean {
    if (generation !== this.generation) return false;
    if (this.state === 'closed') this.#count(nowMs, verdict);
    else if (this.state === 'half-open') this.#probed(nowMs, verdict);
    return true;
  }

  /** Until the next probe. */
  retryAfterMs(nowMs: number): number {
    if (this.state === 'open') return Math.max(0, this.#openUntilMs - nowMs);
    return this.#breakMs;
  }

  get why(): string {
    return this.#why;
  }

  isolate(why: string): void {
    this.#why = why;
    if (this.state !== 'isolated') this.#change('isolated', why);
  }

  reset(): void {
    this.#close();
  }

  #count(nowMs: number, verdict: Verdict): void {
    if (verdict === 'neither') return;
    this.#moveTo(Math.floor(nowMs / this.#bucketMs));
    const at = (this.#bucket % buckets) * 2;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#calls += 1;
    if (verdict === 'success') return;
    this.#counts[at + 1] = (this.#counts[at + 1] ?? 0) + 1;
    this.#failures += 1;
    const { minThroughput, failureRatio } = this.#options;
    const isIll = this.#calls >= minThroughput && this.#failures / this.#calls >= failureRatio;
    if (isIll) this.#open(nowMs, this.#breakMs);
  }

  #probed(nowMs: number, verdict: Verdict): void {
    if (verdict === 'neither') {
      this.#probes -= 1;
    } else if (verdict === 'failure') {
      this.#reopen(nowMs);
    } else {
      this.#probedOk += 1;
      if (this.#probedOk >= this.#options.halfOpenCalls) this.#close();
    }
  }

  #reopen(nowMs: number): void {
    this.#breakMs = Math.min(2 * this.#breakMs, this.#options.maxBreakMs);
    // Spread, so that many processes do not probe as one.
    this.#open(nowMs, this.#breakMs * (0.9 + 0.2 * this.#random()));
  }

  #open(nowMs: number, breakMs: number): void {
    this.#openUntilMs = nowMs + breakMs;
    this.#change('open');
  }

  #close(): void {
    this.#counts.fill(0);
    this.#calls = 0;
    this.#failures = 0;
    this.#breakMs = this.#options.breakMs;
    if (this.state !== 'closed') this.#change('closed');
  }

  #change(to: BreakerState, why?: string): void {
    const from = this.state;
    this.state = to;
    this.generation += 1;
    this.#onChange(from, to, why);
  }

  #moveTo(bucket: number): void {
    const steps = bucket - this.#bucket;
    if (steps <= 0) return;
    if (steps >= buckets) {
      this.#counts.fill(0);
      this.#calls = 0;
      this.#failures = 0;
    } else {
      for (let next = this.#bucket + 1; next <= bucket; next += 1) this.#empty(next % buckets);
    }
    this.#bucket = bucket;
  }

  #empty(bucket: number): void {
    this.#calls -= this.#counts[bucket * 2] ?? 0;
    this.#failures -= this.#counts[bucket * 2 + 1] ?? 0;
    this.#counts[bucket * 2] = 0;
    this.#counts[bucket * 2 + 1] = 0;
  }
}

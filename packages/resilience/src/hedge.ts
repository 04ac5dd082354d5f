import { Call, type Work } from './call.ts';
import { Latencies } from './latencies.ts';
import type { Machine } from './machine.ts';
import type { CallContext, CallOptions, HedgeOptions } from './options.ts';
import { idle, type Timed } from './wheel.ts';

const delayMsLeast = 50;
const tokensMax = 10;

/** When a call is asked a second time, and who of them wins. */
export class Hedge {
  readonly #options: HedgeOptions;
  readonly #machine: Machine;
  readonly #latencies = new Latencies();
  #tokens = 1;

  /** @param machine of what lies inside: retry, breaker, chaos, attempt. */
  constructor(options: HedgeOptions, machine: Machine) {
    this.#options = options;
    this.#machine = machine;
  }

  /** The first success wins; if all fail, the first error. */
  run(work: Work, options: CallOptions, outer: CallContext): Promise<unknown> {
    this.#tokens = Math.min(tokensMax, this.#tokens + this.#options.budget);
    return new Race({ hedge: this, machine: this.#machine, work, options, outer }).promise;
  }

  get max(): number {
    return this.#options.max;
  }

  /** Undefined: no second call now. */
  delayMs(nowMs: number, options: CallOptions): number | undefined {
    if (options.idempotent !== true) return undefined;
    const { delayMs } = this.#options;
    if (delayMs !== 'p95') return delayMs;
    const p95 = this.#latencies.quantile(0.95, nowMs);
    return p95 === undefined ? undefined : Math.max(p95, delayMsLeast);
  }

  take(): boolean {
    if (this.#tokens < 1 || this.#machine.partitions.state !== 'closed') return false;
    this.#tokens -= 1;
    return true;
  }

  took(ms: number, nowMs: number): void {
    this.#latencies.add(ms, nowMs);
  }
}

interface RaceNeeds {
  readonly hedge: Hedge;
  readonly machine: Machine;
  readonly work: Work;
  readonly options: CallOptions;
  readonly outer: CallContext;
}

class Race implements Timed {
  readonly #needs: RaceNeeds;
  readonly #losers = new AbortController();
  readonly #outcome = Promise.withResolvers<unknown>();
  readonly #startMs: number;
  #started = 0;
  #failed = 0;
  #isOver = false;
  #firstError: unknown;
  dueMs = 0;
  slot = idle;
  before: Timed | undefined = undefined;
  behind: Timed | undefined = undefined;

  constructor(needs: RaceNeeds) {
    this.#needs = needs;
    this.#startMs = needs.machine.ticker.mono();
    // The end of the outer call, by its caller or its time, ends all of them.
    const { signal } = needs.outer;
    signal.addEventListener('abort', () => this.#losers.abort(signal.reason), {
      once: true,
      signal: this.#losers.signal,
    });
    this.#begin();
    this.#wait(this.#startMs);
  }

  get promise(): Promise<unknown> {
    return this.#outcome.promise;
  }

  onDue(nowMs: number): void {
    if (this.#isOver || !this.#needs.hedge.take()) return;
    this.#begin();
    this.#wait(nowMs);
  }

  #wait(nowMs: number): void {
    const { hedge, machine, options } = this.#needs;
    if (this.#started > hedge.max) return;
    const delayMs = hedge.delayMs(nowMs, options);
    if (delayMs !== undefined) machine.wheel.arm(this, nowMs + delayMs, nowMs);
  }

  #begin(): void {
    const { machine, work, options, outer } = this.#needs;
    const isHedge = this.#started > 0;
    this.#started += 1;
    const inner = { ...options, signal: this.#losers.signal, deadlineMs: outer.deadline };
    const call = new Call(machine, work, inner, isHedge);
    call.start();
    call.promise.then(
      (value) => this.#won(value, isHedge),
      (error: unknown) => this.#lost(error),
    );
  }

  #won(value: unknown, isHedge: boolean): void {
    if (this.#isOver) return;
    const { hedge, machine } = this.#needs;
    const nowMs = machine.ticker.mono();
    hedge.took(nowMs - this.#startMs, nowMs);
    if (isHedge) machine.tally.hedgeWins += 1;
    this.#end();
    this.#outcome.resolve(value);
  }

  #lost(error: unknown): void {
    if (this.#isOver) return;
    if (this.#failed === 0) this.#firstError = error;
    this.#failed += 1;
    if (this.#failed < this.#started) return;
    this.#end();
    this.#outcome.reject(this.#firstError);
  }

  #end(): void {
    this.#isOver = true;
    this.#needs.machine.wheel.disarm(this);
    this.#losers.abort(new DOMException('Another call was faster.', 'AbortError'));
  }
}

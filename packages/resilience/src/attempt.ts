import type { Span } from '@plinth/core';

import type { Call } from './call.ts';
import type { CallContext, Injection } from './options.ts';
import { idle, type Timed } from './wheel.ts';

/** One run of the function, and what the function sees of it. */
export class Attempt implements CallContext, Timed {
  readonly #call: Call;
  readonly attempt: number;
  readonly startMs: number;
  /** Of the breaker. */
  readonly generation: number;
  #controller: AbortController | undefined;
  #onAbort: ((reason: unknown) => void) | undefined;
  #reason: unknown;
  isOver = false;
  isAborted = false;
  /** What a rule of chaos does to it. */
  injection: Injection | undefined;
  isDelayed = false;
  span: Span | undefined;
  dueMs = 0;
  slot = idle;
  before: Timed | undefined = undefined;
  behind: Timed | undefined = undefined;

  constructor(call: Call, attempt: number, startMs: number, generation: number) {
    this.#call = call;
    this.attempt = attempt;
    this.startMs = startMs;
    this.generation = generation;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get deadline(): number {
    return this.#call.deadline;
  }

  get hedged(): boolean {
    return this.#call.isHedge;
  }

  remainingMs(): number {
    return this.#call.deadline - this.#call.machine.ticker.mono();
  }

  /** As the signal, for one listener and a tenth of its cost. */
  whenAborted(listen: (reason: unknown) => void): void {
    if (this.isAborted) listen(this.#reason);
    else this.#onAbort = listen;
  }

  abort(reason: unknown): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onAbort?.(reason);
  }

  onDue(nowMs: number): void {
    this.#call.attemptDue(this, nowMs);
  }
}

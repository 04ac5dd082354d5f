import { Attempt } from './attempt.ts';
import type { Verdict } from './breaker.ts';
import { inject } from './injection.ts';
import type { Machine } from './machine.ts';
import type { CallContext, CallOptions, CallOutcome, ChaosSource, Outcome } from './options.ts';
import { isThenable, openPromise } from './open-promise.ts';
import type { Partition } from './partitions.ts';
import { noBudget, noRetry, planRetry } from './plan-retry.ts';
import {
  budgetProblem,
  bulkheadProblem,
  deadlineProblem,
  rateProblem,
  refusalOf,
  timeoutProblem,
} from './problems.ts';
import { verdictOfTimeout } from './timeout-verdict.ts';
import { idle, type Timed } from './wheel.ts';

/** With less left a call cannot come back in time. */
const remainingMsLeast = 5;

export type Work = (context: CallContext) => unknown;
const none: CallOptions = {};

/** One call of a pipeline, from its admission to its end: the state machine that all strategies are fused into. */
export class Call implements Timed {
  readonly machine: Machine;
  readonly #work: Work;
  readonly #options: CallOptions;
  readonly #partition: Partition;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  readonly promise: Promise<unknown>;
  readonly isHedge: boolean;
  readonly #startMs: number;
  #placedMs = 0;
  deadline: number;
  #state: 'new' | 'limited' | 'queued' | 'running' | 'sleeping' | 'ended' = 'new';
  #isPlaced = false;
  #attempts = 0;
  #waitedMs = 0;
  #current: Attempt | undefined;
  #lastError: unknown;
  dueMs = 0;
  slot = idle;
  before: Timed | undefined = undefined;
  behind: Timed | undefined = undefined;

  constructor(machine: Machine, work: Work, options: CallOptions = none, isHedge = false) {
    this.machine = machine;
    this.#work = work;
    this.#options = options;
    const { key } = options;
    this.#partition = key === undefined ? machine.partitions.main : machine.partitions.of(key);
    this.isHedge = isHedge;
    const opened = openPromise();
    this.promise = opened.promise;
    this.#resolve = opened.resolve;
    this.#reject = opened.reject;
    this.#startMs = machine.ticker.mono();
    this.deadline = options.deadlineMs ?? Infinity;
  }

  start(): void {
    const { signal } = this.#options;
    this.machine.tally.inFlight += 1;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#fail('aborted', signal.reason);
        return;
      }
      signal.addEventListener('abort', this);
    }
    const { rateLimit } = this.machine;
    if (rateLimit === undefined) this.#place(this.#startMs);
    else this.#limit(rateLimit.take(this.#startMs));
  }

  /** The caller's signal. */
  handleEvent(): void {
    const { reason } = this.#options.signal ?? {};
    const nowMs = this.machine.ticker.mono();
    const attempt = this.#current;
    if (attempt !== undefined) this.#endAttempt(attempt, nowMs, 'neither');
    this.#fail('aborted', reason, nowMs);
    attempt?.abort(reason);
  }

  #limit(waitMs: number): void {
    if (waitMs < 0) {
      this.#fail('rate_limited', rateProblem(this.machine.name, -waitMs));
    } else if (waitMs === 0) {
      this.#place(this.#startMs);
    } else if (this.#startMs + waitMs > this.deadline - remainingMsLeast) {
      this.machine.rateLimit?.giveBack();
      this.#fail('timeout', deadlineProblem());
    } else {
      this.#state = 'limited';
      this.machine.wheel.arm(this, this.#startMs + waitMs, this.#startMs);
    }
  }

  #place(nowMs: number): void {
    const { bulkhead } = this.#partition;
    if (bulkhead === undefined || bulkhead.enter()) {
      this.admit(nowMs);
    } else if (bulkhead.wait(this)) {
      this.#state = 'queued';
      const dueMs = Math.min(nowMs + this.machine.queueMs, this.deadline);
      if (dueMs < Infinity) this.machine.wheel.arm(this, dueMs, nowMs);
    } else {
      this.#fail('bulkhead_full', bulkheadProblem(this.machine.name), nowMs);
    }
  }

  /** From here on the total timeout counts. */
  admit(nowMs: number): void {
    this.#isPlaced = this.#partition.bulkhead !== undefined;
    this.machine.wheel.disarm(this);
    this.#placedMs = nowMs;
    this.deadline = Math.min(this.deadline, nowMs + this.machine.totalMs);
    this.#begin(nowMs);
  }

  /** The end of a wait: for a token, for a place, for the next attempt. */
  onDue(nowMs: number): void {
    if (this.#state === 'limited') {
      this.#place(nowMs);
    } else if (this.#state === 'sleeping') {
      this.#begin(nowMs);
    } else if (nowMs >= this.deadline) {
      this.#fail('timeout', deadlineProblem(), nowMs);
    } else {
      this.#fail('bulkhead_full', bulkheadProblem(this.machine.name), nowMs);
    }
  }

  #begin(nowMs: number): void {
    const { machine } = this;
    if (this.deadline - nowMs < remainingMsLeast) {
      this.#fail('timeout', deadlineProblem(this.#lastError), nowMs);
      return;
    }
    const { breaker } = this.#partition;
    const generation = breaker.enter(nowMs);
    if (generation < 0) {
      this.#fail('circuit_open', refusalOf(machine.name, breaker, nowMs, this.#lastError), nowMs);
      return;
    }
    this.#state = 'running';
    this.#attempts += 1;
    machine.tally.attempt(this.#attempts);
    const attempt = new Attempt(this, this.#attempts, nowMs, generation);
    this.#current = attempt;
    if (this.#attempts > 1) attempt.span = this.#options.span?.child('resilience.attempt');
    if (machine.chaos !== undefined && this.#injects(machine.chaos, attempt)) {
      inject(this, attempt, nowMs);
      return;
    }
    this.work(attempt, nowMs);
  }

  #injects(chaos: ChaosSource, attempt: Attempt): boolean {
    const { chaosScope, span } = this.#options;
    attempt.injection = chaos.pick(this.machine.name, chaosScope);
    if (attempt.injection !== undefined) span?.attribute('chaos.rule', attempt.injection.rule);
    return attempt.injection !== undefined;
  }

  /** The attempt's own time begins here: behind what chaos makes of it. */
  work(attempt: Attempt, nowMs: number): void {
    const { wheel, attemptMs } = this.machine;
    attempt.isDelayed = false;
    const dueMs = Math.min(nowMs + attemptMs, this.deadline);
    if (dueMs < Infinity) wheel.arm(attempt, dueMs, nowMs);
    try {
      const result = this.#work(attempt);
      if (isThenable(result)) {
        result.then(
          (value) => this.value(attempt, value),
          (error: unknown) => this.error(attempt, error),
        );
      } else {
        this.value(attempt, result);
      }
    } catch (error) {
      this.error(attempt, error);
    }
  }

  value(attempt: Attempt, value: unknown): void {
    const { machine } = this;
    if (attempt.isOver) {
      machine.tally.late += 1;
      return;
    }
    const nowMs = machine.ticker.mono();
    const isSlow = nowMs - attempt.startMs > machine.slowMs;
    if (machine.judgesValues) {
      const outcome: Outcome = { kind: 'value', value };
      const isFailure = isSlow || machine.isFailure(outcome);
      this.#endAttempt(attempt, nowMs, isFailure ? 'failure' : 'success');
      if (machine.retry !== undefined && this.#sleep(outcome, nowMs)) return;
      if (this.#state === 'ended') return;
    } else {
      this.#endAttempt(attempt, nowMs, isSlow ? 'failure' : 'success');
    }
    if (this.#attempts === 1) machine.budget?.earn();
    machine.tally.calls.success += 1;
    this.#end(nowMs);
    this.#resolve(value);
  }

  error(attempt: Attempt, error: unknown): void {
    const { machine } = this;
    if (attempt.isOver) {
      machine.tally.late += 1;
      return;
    }
    const nowMs = machine.ticker.mono();
    const outcome: Outcome = { kind: 'error', error };
    this.#endAttempt(attempt, nowMs, machine.isFailure(outcome) ? 'failure' : 'success');
    this.#endOrSleep(outcome, nowMs, attempt.injection === undefined ? 'failure' : 'chaos');
  }

  /** Its time is up; or what chaos held back may go on. */
  attemptDue(attempt: Attempt, nowMs: number): void {
    const isTotal = nowMs >= this.deadline;
    if (attempt.isDelayed && !isTotal) {
      this.work(attempt, nowMs);
      return;
    }
    const { attemptMs, totalMs } = this.machine;
    const isOwn = this.deadline >= this.#placedMs + totalMs;
    this.#endAttempt(attempt, nowMs, verdictOfTimeout(this.machine, attempt, { nowMs, isOwn }));
    const limitMs = isTotal ? Math.round(this.deadline - this.#placedMs) : attemptMs;
    const problem = timeoutProblem(isTotal ? 'total' : 'attempt', limitMs, this.#lastError);
    if (isTotal) this.#fail('timeout', problem, nowMs);
    else this.#endOrSleep({ kind: 'error', error: problem }, nowMs, 'timeout');
    attempt.abort(problem);
  }

  #endAttempt(attempt: Attempt, nowMs: number, verdict: Verdict): void {
    attempt.isOver = true;
    this.#current = undefined;
    this.machine.wheel.disarm(attempt);
    this.#partition.breaker.leave(attempt.generation, nowMs, verdict);
    attempt.span?.end(verdict === 'failure' ? 'error' : 'ok');
  }

  #endOrSleep(outcome: Outcome & { kind: 'error' }, nowMs: number, kind: CallOutcome): void {
    if (this.machine.retry !== undefined && this.#sleep(outcome, nowMs)) return;
    if (this.#state !== 'ended') this.#fail(kind, outcome.error, nowMs);
  }

  /** @returns true if another attempt follows. */
  #sleep(outcome: Outcome, nowMs: number): boolean {
    const waitMs = planRetry(this.machine, {
      outcome,
      attempts: this.#attempts,
      waitedMs: this.#waitedMs,
      options: this.#options,
      leftMs: this.deadline - remainingMsLeast - nowMs,
    });
    if (waitMs === noRetry) return false;
    const error = outcome.kind === 'error' ? outcome.error : undefined;
    if (waitMs === noBudget) {
      this.#fail('failure', budgetProblem(this.machine.name, error ?? outcome), nowMs);
      return false;
    }
    this.#lastError = error;
    this.#waitedMs = waitMs;
    this.#state = 'sleeping';
    this.#options.span?.attribute('resilience.attempts', this.#attempts + 1);
    this.machine.wheel.arm(this, nowMs + waitMs, nowMs);
    return true;
  }

  #fail(kind: CallOutcome, error: unknown, nowMs: number = this.#startMs): void {
    if (this.#state === 'queued') this.#partition.bulkhead?.giveUp(this);
    if (this.#state === 'limited') this.machine.rateLimit?.giveBack();
    this.machine.tally.calls[kind] += 1;
    this.#end(nowMs);
    this.#reject(error);
  }

  #end(nowMs: number): void {
    const { machine } = this;
    this.#state = 'ended';
    machine.tally.inFlight -= 1;
    machine.duration?.observe((nowMs - this.#startMs) / 1_000);
    this.#options.signal?.removeEventListener('abort', this);
    if (this.slot >= 0) machine.wheel.disarm(this);
    if (this.#isPlaced) {
      this.#isPlaced = false;
      this.#partition.bulkhead?.leave(nowMs);
    }
  }
}

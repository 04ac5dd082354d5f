import {
  createPositionSession,
  Problem,
  type Position,
  type Clock,
  type Ctx,
  type Json,
  type Log,
  type Telemetry,
} from '@plinth/core';
import type { Database, Out, Transaction } from '@plinth/postgres';

import { finishClaim, lockClaim, setResult, type claimedRow } from './claim-table.ts';
import type { Deadlines } from './deadlines.ts';
import { fencedProblem } from './failure.ts';
import { tenantOf } from './hub.ts';
import type { JobContext, JobContract } from './jobs.ts';
import { findCheckpoint, saveCheckpoint } from './live-table.ts';

export type Claimed = Out<typeof claimedRow>;

/** A contract with what runs it. */
export interface Defined {
  readonly contract: JobContract<unknown>;
  run(input: unknown, x: JobContext): Promise<unknown>;
}

export interface RunNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

interface JobNeeds extends RunNeeds {
  readonly deadlines: Deadlines;
}

export type AbortReason = 'timeout' | 'cancelled' | 'fenced' | 'drain';
/** How an attempt ended; `left`: the handler did not, within its grace. */
export type Outcome =
  | { readonly how: 'done'; readonly result: Json | null }
  | { readonly how: 'finished' }
  | { readonly how: 'failed' | 'left'; readonly error: unknown };

const timeoutMsDefault = 300_000;
/** A handler that ignores its signal loses its slot after so long. */
const abortGraceMs = 5_000;
const messageCharactersMax = 200;
const checkpointBytesMax = 65_536;
const resultBytesMax = 1_048_576;

/** One attempt of a job in this process. */
export class RunningJob {
  readonly row: Claimed;
  readonly startedMs: number;
  fraction: number | null = null;
  message: string | null = null;
  /** It has something to tell that was not yet written. */
  isDirty = false;
  abortReason: AbortReason | undefined;
  readonly #defined: Defined;
  readonly #needs: JobNeeds;
  /** Where the database was when it was claimed: not before it was enqueued. */
  readonly #seen: Position | undefined;
  /** Made when the handler asks for its signal: most do not. */
  #abort: AbortController | undefined;
  #abortError: DOMException | undefined;
  /** Cuts the grace of an aborted attempt short when it has ended by itself. */
  #ended: AbortController | undefined;
  #leave: (outcome: Outcome) => void = () => undefined;
  #isFinished = false;

  constructor(row: Claimed, defined: Defined, needs: JobNeeds, seen?: Position) {
    this.#seen = seen;
    this.row = row;
    this.#defined = defined;
    this.#needs = needs;
    this.startedMs = needs.clock.mono();
  }

  abort(reason: AbortReason): void {
    if (this.abortReason !== undefined) return;
    this.abortReason = reason;
    const name = reason === 'timeout' ? 'TimeoutError' : 'AbortError';
    const error = new DOMException(`The job was aborted: ${reason}.`, name);
    this.#abortError = error;
    this.#abort?.abort(error);
    void this.#leaveAfterGrace(error);
  }

  async execute(): Promise<Outcome> {
    const { deadlines, telemetry } = this.#needs;
    const span = telemetry.tracer.start(
      `job ${this.row.name}`,
      this.row.meta.traceparent ?? undefined,
    );
    deadlines.add(this, this.#defined.contract.timeoutMs ?? timeoutMsDefault);
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#leave = resolve;
      void this.#call(span).then(resolve);
    });
    deadlines.remove(this);
    this.#ended?.abort();
    span.end(outcome.how === 'failed' || outcome.how === 'left' ? 'error' : 'ok');
    return outcome;
  }

  async #leaveAfterGrace(reason: DOMException): Promise<void> {
    this.#ended = new AbortController();
    // An abort means that the attempt has ended.
    await this.#needs.clock.sleep(abortGraceMs, this.#ended.signal).catch(() => 'ended');
    this.#leave({ how: 'left', error: reason });
  }

  get #signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#abortError !== undefined) this.#abort.abort(this.#abortError);
    return this.#abort.signal;
  }

  async #call(span: Ctx['span']): Promise<Outcome> {
    const { contract, run } = this.#defined;
    try {
      const input = contract.input.safeParse(this.row.input);
      if (!input.success) throw badInput(this.row.name, input.error);
      const result = await run(input.data, this.#context(span));
      if (this.#isFinished) return { how: 'finished' };
      return { how: 'done', result: this.#checkResult(result) };
    } catch (error) {
      if (this.#isFinished) return { how: 'finished' };
      return { how: 'failed', error };
    }
  }

  #context(span: Ctx['span']): JobContext {
    const signal = () => this.#signal;
    const { id, name, attempt, tenant, epoch, meta } = this.row;
    const log = this.#needs.log.child({ job: name, jobId: id, attempt });
    const ctx: Ctx = {
      reqId: meta.reqId ?? id,
      traceparent: `00-${span.traceId}-${span.spanId}-00`,
      tenant: tenantOf(tenant) ?? 'none',
      actor: { ...meta.actor, permissions: new Set(meta.actor.permissions) },
      deadline: this.#needs.clock.mono() + (this.#defined.contract.timeoutMs ?? timeoutMsDefault),
      get signal() {
        return signal();
      },
      position: createPositionSession(this.#seen),
      span,
      clock: this.#needs.clock,
      log,
    };
    return {
      id,
      attempt,
      tenant: tenantOf(tenant),
      get signal() {
        return signal();
      },
      ctx,
      log,
      tx: (work) => this.#write(ctx, lockFirst(id, epoch), work),
      finish: async (work) => {
        const result = await this.#write(ctx, finishFirst(id, epoch), async (tx) => {
          const made = await work(tx);
          const kept = this.#checkResult(made);
          if (kept !== null) await tx.run(setResult, { id, result: kept });
          return made;
        });
        this.#isFinished = true;
        return result;
      },
      progress: (fraction, message) => this.#progress(fraction, message),
      checkpoint: (state) => this.#checkpoint(ctx, state),
    };
  }

  async #write<result>(
    ctx: Ctx,
    claim: (tx: Transaction) => Promise<boolean>,
    work: (tx: Transaction) => Promise<result>,
  ): Promise<result> {
    return this.#needs.database.write(ctx, async (tx) => {
      if (!(await claim(tx))) throw fencedProblem();
      return work(tx);
    });
  }

  #progress(fraction: number, message: string | undefined): void {
    if (Number.isNaN(fraction)) return;
    const clamped = Math.min(1, Math.max(0, fraction));
    this.fraction = Math.max(this.fraction ?? 0, clamped);
    if (message !== undefined) this.message = message.slice(0, messageCharactersMax);
    this.isDirty = true;
  }

  async #checkpoint<state extends Json>(
    ctx: Ctx,
    state: state | undefined,
  ): Promise<state | undefined> {
    const { database } = this.#needs;
    const { id, epoch, tenant } = this.row;
    if (state === undefined) {
      const kept = await database.maybe(ctx, findCheckpoint, { id });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the job's own earlier attempt kept it
      return (kept?.checkpoint ?? undefined) as state | undefined;
    }
    if (Buffer.byteLength(JSON.stringify(state)) > checkpointBytesMax) {
      throw new Problem(`A checkpoint has at most ${checkpointBytesMax} bytes.`, {
        code: 'jobs.bad_checkpoint',
        kind: 'invalid',
      });
    }
    const saved = await database.run(ctx, saveCheckpoint, { id, tenant, epoch, checkpoint: state });
    if (saved === 0) throw fencedProblem();
    return state;
  }

  /** @throws {Problem} `jobs.bad_result` for what the contract does not promise, or is too large. */
  #checkResult(result: unknown): Json | null {
    if (result === undefined || result === null) return null;
    const schema = this.#defined.contract.result;
    const checked =
      schema === undefined ? { success: true, data: result } : schema.safeParse(result);
    const text: unknown = JSON.stringify(checked.data);
    if (!checked.success || typeof text !== 'string' || Buffer.byteLength(text) > resultBytesMax) {
      throw new Problem(`The result of ${this.row.name} does not fit, or is over 1 MiB.`, {
        code: 'jobs.bad_result',
        kind: 'unprocessable',
      });
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.stringify gave a text for it
    return checked.data as Json;
  }
}

/** The row stays locked to the end: effects in the database cannot come from one who lost the job. */
function lockFirst(id: string, epoch: number) {
  return async (tx: Transaction) => (await tx.maybe(lockClaim, { id, epoch })) !== undefined;
}

function finishFirst(id: string, epoch: number) {
  return async (tx: Transaction) => (await tx.run(finishClaim, { id, epoch })) === 1;
}

function badInput(name: string, cause: unknown): Problem {
  return new Problem(`The input of ${name} is of another version.`, {
    code: 'jobs.bad_input',
    kind: 'invalid',
    cause,
  });
}

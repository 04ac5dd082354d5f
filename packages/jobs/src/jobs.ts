import type { Actor, Ctx, Json, Log } from '@plinth/core';
import type { z } from '@plinth/core/z';
import type { Context, Transaction } from '@plinth/postgres';

import type { JobsAdmin } from './admin.ts';

export type Priority = 'high' | 'normal' | 'low';
export type JobState = 'scheduled' | 'ready' | 'running' | 'done' | 'cancelled' | 'dead';

/** What a job is called, takes and gives, and how it is tried. */
export interface JobContract<input, result = unknown> {
  /** `module.verb-noun`, unique in the product. */
  readonly name: string;
  readonly input: z.ZodType<input>;
  readonly result?: z.ZodType<result>;
  /** Default `default`. */
  readonly queue?: string;
  readonly priority?: Priority;
  /** Default 5. */
  readonly attempts?: number;
  /** Waits between attempts: full jitter up to base · 2ⁿ, at most max. Default 2,000 and 900,000 ms. */
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number };
  /** Of one attempt, default 300,000. */
  readonly timeoutMs?: number;
  readonly unique?: Unique<input>;
  /** Default 24 h. */
  readonly keepDoneMs?: number;
  /** Default 30 d. */
  readonly keepDeadMs?: number;
}

export interface Unique<input> {
  key(input: input): string;
  /** `queued`: until it is claimed; `active`: until it ends; `forMs`: so long from the enqueue, ended or not. */
  readonly scope: 'queued' | 'active' | { readonly forMs: number };
  /** `replace` swaps the input of one that is not running yet; a running one makes it `skip`. */
  readonly onConflict: 'skip' | 'replace' | 'error';
}

/** What a running job has in hand. */
export interface JobContext {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  readonly tenant: string | null;
  /** Aborts when the job is cancelled, out of time, lost to another worker, or the process drains. */
  readonly signal: AbortSignal;
  /** For reads and for calls of other modules: the tenant and actor of the enqueuer, this job's signal. */
  readonly ctx: Ctx;
  readonly log: Log;
  /**
   * Commits only while this attempt holds the job. What it committed is done again when the process dies
   * before the job ends.
   * @throws {Problem} `jobs.fenced` when the claim was lost.
   */
  tx<result>(work: (tx: Transaction) => Promise<result>): Promise<result>;
  /** As `tx`, and ends the job in the same commit: effects once. Nothing may follow it but the return. */
  finish<result>(work: (tx: Transaction) => Promise<result>): Promise<result>;
  /** @param fraction 0 to 1, never backwards; written and published at most once a second, the last always. */
  progress(fraction: number, message?: string): void;
  /** Keeps `state` (at most 64 KiB of JSON) for the next attempt; without one: what the last attempt kept. */
  checkpoint<state extends Json>(state?: state): Promise<state | undefined>;
}

export interface EnqueueOptions {
  readonly runAt?: number;
  readonly priority?: Priority;
  /** Instead of the contract's own key. */
  readonly unique?: string;
}

/** A job with its input, for a schedule. Made by `jobRef`. */
export interface JobRef {
  readonly contract: JobContract<unknown>;
  readonly input: unknown;
}

export function jobRef<input>(contract: JobContract<input>, input: input): JobRef {
  return { contract, input };
}

export interface Schedule {
  readonly name: string;
  /** Five fields, or six with seconds. */
  readonly cron: string;
  /** IANA: `Europe/Berlin`. */
  readonly zone: string;
  readonly job: JobRef;
  /** After an outage: wait for the next, fire one, or fire each (at most 100). */
  readonly missed: 'skip' | 'once' | 'all';
  readonly overlap: 'skip' | 'queue';
  readonly jitterMs?: number;
}

export interface JobView {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly attemptsMax: number;
  /** 0 to 1, null before the first report. */
  readonly fraction: number | null;
  readonly message: string | null;
  readonly cancelling: boolean;
  /** RFC 3339, as the others. */
  readonly createdAt: string;
  readonly runAt: string;
  readonly finishedAt: string | null;
  readonly result: Json | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface JobQuery {
  readonly name?: string | undefined;
  readonly queue?: string | undefined;
  readonly state?: JobState | undefined;
  /** Default 50, at most 200. */
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

/** Newest first. */
export interface JobPage {
  readonly items: JobView[];
  readonly next: string | null;
}

export interface DrainReport {
  readonly finished: number;
  readonly returned: number;
}

/** What listeners of `t/{tenant}/jobs` get. */
export interface JobProgress {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly fraction: number | null;
  readonly message: string | null;
}

export interface Jobs {
  /** @throws {TypeError} for a name that is defined already. */
  define<input, result>(
    contract: JobContract<input, result>,
    run: (input: input, x: JobContext) => Promise<result>,
  ): void;
  /** Its tenant, actor and trace are those of `tx.context`. @throws {Problem} `jobs.duplicate`, `jobs.bad_input`. */
  enqueue<input>(
    tx: Transaction,
    contract: JobContract<input>,
    input: input,
    options?: EnqueueOptions,
  ): Promise<{ id: string; created: boolean }>;
  /** At most 10,000, in one statement. */
  enqueueMany<input>(
    tx: Transaction,
    contract: JobContract<input>,
    inputs: readonly input[],
    options?: Omit<EnqueueOptions, 'unique'>,
  ): Promise<{ ids: string[]; skipped: number }>;
  /** @throws {TypeError} for a pattern or zone that is wrong or never fires. */
  schedule(schedule: Schedule): void;
  get(context: Context, id: string): Promise<JobView | undefined>;
  list(context: Context, query: JobQuery): Promise<JobPage>;
  /** Ends after the job has; begins with its present view. @throws {Problem} `jobs.not_found`. */
  watch(context: Context, id: string): AsyncIterable<JobView>;
  /** @throws {Problem} `jobs.not_found`. */
  cancel(context: Context, id: string): Promise<'cancelled' | 'cancelling' | 'already-finished'>;
  /** Dead jobs become ready again, with their attempts counted anew. @returns how many. */
  retry(context: Context, ids: readonly string[]): Promise<number>;
  /** Enqueues the schedule's job now, beside its times. @returns the job's id. */
  runNow(schedule: string, by: Actor): Promise<string>;
  /** For operators: the jobs of all tenants. */
  readonly admin: JobsAdmin;
  /** @param options.queues how many jobs of each this process runs at once. */
  start(options: { readonly queues: Readonly<Record<string, number>> }): Promise<void>;
  /** No more claims; what runs has `ms` (default 20,000), then it is aborted and returned with its attempt. */
  drain(ms?: number): Promise<DrainReport>;
}

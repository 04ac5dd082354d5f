import { randomInt } from 'node:crypto';

import { Problem } from '@plinth/core';

import type { Context } from './context.ts';
import type { Core } from './core.ts';
import { failureOf, isLost, isStalePlan, isStandby, type Failure } from './failure.ts';
import type { Scope } from './scope.ts';

export interface RetryOptions {
  /** How often it may run again. */
  readonly retries: number;
  /** The statement set its own bound: a busy row is an answer, not an accident. */
  readonly ownLockTimeout?: boolean;
  /** It may run again also where nobody knows whether it has happened. */
  readonly isRepeatable?: boolean;
}

/** What became of one attempt: a transaction, or a read in one flight. */
export interface Attempt {
  readonly scope: Scope;
  readonly failure: Failure | undefined;
  readonly isCancelled: boolean;
}

/** Filled by an attempt, so that its failure can be judged. */
export interface Trace {
  transaction?: Attempt;
}

const backoffMs = 25;
const backoffMsMax = 500;
const serializationStates = new Set(['40001', '40P01']);
const busyStates = new Set(['53300', '57P03']);

/** Runs `attempt` again after failures that left nothing behind: full jitter, within the caller's deadline. */
export async function withRetries<result>(
  core: Core,
  context: Context,
  options: RetryOptions,
  attempt: (trace: Trace) => Promise<result>,
): Promise<result> {
  for (let count = 0; ; count += 1) {
    const trace: Trace = {};
    try {
      return await attempt(trace);
    } catch (error) {
      const sqlstate = retryReason(error, trace, options, count);
      if (sqlstate === undefined) throw error;
      const waitMs = randomInt(Math.min(backoffMs * 2 ** count, backoffMsMax) + 1);
      const { deadline } = context;
      if (deadline !== undefined && core.clock.mono() + waitMs >= deadline) throw error;
      core.metrics.retried(sqlstate);
      if (trace.transaction?.failure !== undefined && isStalePlan(trace.transaction.failure)) {
        core.pool.renew();
      }
      await core.clock.sleep(waitMs, context.signal);
    }
  }
}

/** The state for which it may run again; undefined if it may not. */
function retryReason(
  error: unknown,
  { transaction }: Trace,
  options: RetryOptions,
  count: number,
): string | undefined {
  if (count >= options.retries) return undefined;
  if (transaction === undefined) return connectReason(error);
  if (isCode(error, 'commit_unknown')) return options.isRepeatable ? 'unknown' : undefined;
  // It went to a server that another one had followed: nothing was written.
  if (isCode(error, 'fenced')) return 'fenced';
  const { failure, isCancelled } = transaction;
  if (failure === undefined || isCancelled) return undefined;
  if (failure.sqlstate === '55P03') return isBusyOnce(options, count) ? '55P03' : undefined;
  return mayRepeat(failure, transaction) ? (failure.sqlstate ?? 'lost') : undefined;
}

function isBusyOnce({ ownLockTimeout = false }: RetryOptions, count: number): boolean {
  return count === 0 && !ownLockTimeout;
}

/** Also where the server that led does so no more: the next try goes to the one that does. */
function mayRepeat(failure: Failure, { scope }: Attempt): boolean {
  return isTransient(failure) || (scope.access === 'write' && isStandby(failure));
}

function isTransient(failure: Failure): boolean {
  const { sqlstate = '' } = failure;
  if (sqlstate === '25P03' || sqlstate === '25P04') return false;
  return (
    serializationStates.has(sqlstate) ||
    busyStates.has(sqlstate) ||
    isStalePlan(failure) ||
    isLost(failure)
  );
}

/** No connection: worth another try where the socket or the server said so, not where our own queue was full. */
function connectReason(error: unknown): string | undefined {
  if (!(error instanceof Problem) || !isCode(error, 'unavailable')) return undefined;
  if (error.cause === undefined) return undefined;
  const { sqlstate } = failureOf(error.cause);
  if (sqlstate === undefined) return 'connect';
  return busyStates.has(sqlstate) ? sqlstate : undefined;
}

function isCode(error: unknown, word: string): boolean {
  return error instanceof Problem && error.code === `postgres.${word}`;
}

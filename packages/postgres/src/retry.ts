import { randomInt } from 'node:crypto';

import { Problem } from '@plinth/core';

import type { Context } from './context.ts';
import type { Core } from './core.ts';
import { failureOf, isLost, isStalePlan, type Failure } from './failure.ts';
import type { OpenTransaction } from './transaction.ts';

export interface RetryOptions {
  /** How often it may run again. */
  readonly retries: number;
  /** The statement set its own bound: a busy row is an answer, not an accident. */
  readonly ownLockTimeout?: boolean;
}

/** Filled by an attempt, so that its failure can be judged. */
export interface Trace {
  transaction?: OpenTransaction;
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
  { retries, ownLockTimeout = false }: RetryOptions,
  count: number,
): string | undefined {
  if (count >= retries) return undefined;
  if (transaction === undefined) return connectReason(error);
  const { failure } = transaction;
  if (failure === undefined || transaction.isCancelled || isUnknown(error)) return undefined;
  if (failure.sqlstate === '55P03') return count === 0 && !ownLockTimeout ? '55P03' : undefined;
  return isTransient(failure) ? (failure.sqlstate ?? 'lost') : undefined;
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
  if (!(error instanceof Problem) || error.code !== 'postgres.unavailable') return undefined;
  if (error.cause === undefined) return undefined;
  const { sqlstate } = failureOf(error.cause);
  if (sqlstate === undefined) return 'connect';
  return busyStates.has(sqlstate) ? sqlstate : undefined;
}

function isUnknown(error: unknown): boolean {
  return error instanceof Problem && error.code === 'postgres.commit_unknown';
}

import type { AsyncLocalStorage } from 'node:async_hooks';

import type { Clock, Log } from '@plinth/core';

import type { Context } from './context.ts';
import { timeoutProblem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { HostPool } from './host-pool.ts';
import type { Hosts } from './hosts/hosts.ts';
import type { ReadingNeeds } from './hosts/reading.ts';
import type { Reports } from './hosts/reporting.ts';
import type { Scope } from './scope.ts';
import type { TransactionNeeds } from './execution.ts';
import { OpenTransaction } from './transaction.ts';
import type { Target } from './wire/target.ts';

/** What the calls of one database work with. */
export interface Core {
  readonly hosts: Hosts;
  readonly reading: ReadingNeeds;
  readonly reports: Reports;
  /** The connections of whichever host leads. */
  readonly pool: HostPool;
  targetOf(url: string): Target;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly commandMs: number;
  readonly retries: number;
  readonly transactions: TransactionNeeds;
  /** True inside the callback of a write. */
  readonly writing: AsyncLocalStorage<true>;
}

/** The open transaction that a context carries for this database. */
export function joinedTransaction(core: Core, context: Context): OpenTransaction | undefined {
  const { unitOfWork } = context;
  const isOurs = unitOfWork instanceof OpenTransaction && unitOfWork.isOf(core.transactions);
  return isOurs ? unitOfWork : undefined;
}

/** @throws {Problem} `postgres.timeout` when the caller's deadline has passed. */
export function scopeOf(
  core: Core,
  context: Context,
  o: Pick<Scope, 'access'> & Partial<Scope>,
): Scope {
  const limitMs = o.statementTimeoutMs ?? core.commandMs;
  const leftMs = context.deadline === undefined ? limitMs : context.deadline - core.clock.mono();
  if (leftMs <= 0) throw timeoutProblem();
  return {
    isolation: 'read committed',
    ...o,
    tenant: context.tenant,
    statementTimeoutMs: Math.ceil(Math.min(limitMs, leftMs)),
  };
}

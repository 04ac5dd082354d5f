import { Problem } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { askToCancel } from './live-table.ts';
import { cancelWaiting, findJob } from './view-table.ts';

export interface Cancelled {
  readonly outcome: 'cancelled' | 'cancelling' | 'already-finished';
  readonly name: string;
  /** As stored. */
  readonly tenant: string;
}

/** Ends a job that waits, or asks the one that runs to end. @throws {Problem} `jobs.not_found`. */
export async function cancelJob(tx: Transaction, id: string): Promise<Cancelled> {
  const error = { code: 'jobs.cancelled', message: 'It was cancelled.' };
  const cancelled = await tx.maybe(cancelWaiting, { id, error });
  if (cancelled !== undefined) return { ...cancelled, outcome: 'cancelled' };
  const job = await tx.maybe(findJob, { id });
  if (job === undefined) throw notFound();
  const { name, tenant, epoch } = job;
  if (job.finishedAt !== null) return { outcome: 'already-finished', name, tenant };
  await tx.run(askToCancel, { id, tenant, epoch });
  return { outcome: 'cancelling', name, tenant };
}

export function notFound(): Problem {
  return new Problem('There is no such job.', { code: 'jobs.not_found', kind: 'notFound' });
}

import { idTime, Problem, type Ctx, type Kind } from '@plinth/core';
import { z } from '@plinth/core/z';
import type { JobContext, JobContract } from '@plinth/jobs';
import type { Transaction } from '@plinth/postgres';

import { day } from '@plinth/contract';
import type { Day } from './day.ts';
import { invoiceList } from './invoice-list-table.ts';
import type { InvoicingNeeds } from './needs.ts';
import { selection } from './shapes.ts';
import { expandStatus } from './status-filter.ts';

type Selection = z.output<typeof selection>;

const failuresMax = 1_000;
const checkpointEvery = 50;

const batchInput = z.object({ selection, matched: z.int(), issueDate: day.nullable() });
const batchResult = z.object({
  done: z.int(),
  /** They were not drafts any more. */
  skipped: z.int(),
  failed: z.int(),
  /** The first 1,000. */
  failures: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
});
export type BatchInput = z.output<typeof batchInput>;
type BatchResult = z.output<typeof batchResult>;

export const issueJob: JobContract<BatchInput, BatchResult> = {
  name: 'invoicing.issue-invoices',
  input: batchInput,
  result: batchResult,
  timeoutMs: 3_600_000,
};
export const deleteJob: JobContract<BatchInput, BatchResult> = {
  name: 'invoicing.delete-drafts',
  input: batchInput,
  result: batchResult,
  timeoutMs: 3_600_000,
};

/** Counts what the selection holds now and leaves the work to a job. */
export async function startBatch(
  needs: Pick<InvoicingNeeds, 'database' | 'jobs' | 'calendar'>,
  ctx: Ctx,
  job: JobContract<BatchInput, BatchResult>,
  request: { readonly selection: Selection; readonly issueDate: Day | null },
): Promise<{ jobId: string; matched: number }> {
  const matched = await countSelected(needs, ctx, request.selection);
  const jobId = await needs.database.write(ctx, async (tx) => {
    const { id } = await needs.jobs.enqueue(tx, job, { ...request, matched });
    return id;
  });
  return { jobId, matched };
}

async function countSelected(
  { database, calendar }: Pick<InvoicingNeeds, 'database' | 'calendar'>,
  ctx: Ctx,
  chosen: Selection,
): Promise<number> {
  if (chosen.kind === 'ids') return new Set(chosen.ids).size;
  const { today } = await calendar(ctx);
  const query = expandStatus({ f: chosen.f }, today);
  const { total } = await database.summary(ctx, invoiceList, query);
  return Math.max(0, total.n - (chosen.except?.length ?? 0));
}

type Progress = {
  readonly after: string;
  readonly counts: { readonly done: number; readonly skipped: number; readonly failed: number };
};
/** What a document refuses for good; anything else ends the attempt. */
const refusals: ReadonlySet<Kind> = new Set<Kind>([
  'conflict',
  'notFound',
  'invalid',
  'unprocessable',
]);
type Outcome = 'done' | 'skipped' | { readonly code: string; readonly message: string };

/**
 * Runs `work` for each document of a selection in a transaction of its own, in the order of their ids, so that a
 * job that was interrupted goes on behind its last one. One that refuses is reported and passed over.
 */
export async function runBatch(
  needs: Pick<InvoicingNeeds, 'database' | 'calendar'>,
  x: JobContext,
  { selection: chosen, matched }: BatchInput,
  work: (tx: Transaction, id: string, today: Day) => Promise<unknown>,
): Promise<BatchResult> {
  const { today } = await needs.calendar(x.ctx);
  const start = await x.checkpoint<Progress>();
  const result: BatchResult = { done: 0, skipped: 0, failed: 0, ...start?.counts, failures: [] };
  const after = start?.after ?? '';
  for await (const ids of idsOf(needs, x.ctx, chosen, today)) {
    for (const id of ids.filter((each) => each > after)) {
      x.signal.throwIfAborted();
      count(result, id, await attempt(() => x.tx((tx) => work(tx, id, today))));
      const { done, skipped, failed } = result;
      const handled = done + skipped + failed;
      x.progress(handled / Math.max(1, matched));
      if (handled % checkpointEvery === 0) {
        await x.checkpoint<Progress>({ after: id, counts: { done, skipped, failed } });
      }
    }
  }
  return result;
}

async function attempt(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
    return 'done';
  } catch (error) {
    const { code, message, kind } = Problem.from(error);
    if (!refusals.has(kind) || code === 'jobs.fenced') throw error;
    return code === 'invoicing.not_draft' ? 'skipped' : { code, message };
  }
}

function count(result: BatchResult, id: string, outcome: Outcome): void {
  if (typeof outcome === 'string') {
    result[outcome] += 1;
    return;
  }
  result.failed += 1;
  if (result.failures.length < failuresMax) result.failures.push({ id, ...outcome });
}

async function* idsOf(
  { database }: Pick<InvoicingNeeds, 'database'>,
  ctx: Ctx,
  chosen: Selection,
  today: Day,
): AsyncIterable<readonly string[]> {
  if (chosen.kind === 'ids') {
    yield [...new Set(chosen.ids)].toSorted();
    return;
  }
  const except = new Set(chosen.except);
  const asOfMs = Date.parse(chosen.asOf);
  const query = expandStatus({ f: chosen.f, sort: 'id' }, today);
  for await (const ids of database.ids(ctx, invoiceList, query)) {
    yield ids.filter((id) => !except.has(id) && idTime(id) <= asOfMs);
  }
}

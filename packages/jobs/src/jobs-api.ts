import { implement, type Implementation } from '@plinth/contract';
import { Problem } from '@plinth/core';

import { jobs as contract } from './contract.ts';
import type { Jobs, JobView } from './jobs.ts';

/** The operations of the module `jobs`, over a tenant's own jobs. */
export function createJobsApi(jobs: Jobs): Implementation<typeof contract> {
  return implement(contract, {
    async listJobs(ctx, query) {
      const { items, next } = await jobs.list(ctx, query);
      return { items: items.map(toWire), next };
    },
    async getJob(ctx, { id }) {
      const job = await jobs.get(ctx, id);
      if (job !== undefined) return toWire(job);
      throw new Problem('There is no such job.', { code: 'jobs.not_found', kind: 'notFound' });
    },
    cancelJob: async (ctx, { id }) => ({ outcome: await jobs.cancel(ctx, id) }),
  });
}

function toWire({ result, ...view }: JobView) {
  return { ...view, result: result === null ? null : JSON.stringify(result) };
}

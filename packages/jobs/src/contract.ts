import { command, defineModule, get, id, instant, post, query } from '@plinth/contract';
import { z } from '@plinth/core/z';

const state = z.enum(['scheduled', 'ready', 'running', 'done', 'cancelled', 'dead']);

const job = z.object({
  id,
  name: z.string(),
  queue: z.string(),
  state,
  attempt: z.int(),
  attemptsMax: z.int(),
  /** 0 to 1; null before the first report. */
  fraction: z.number().nullable(),
  message: z.string().nullable(),
  cancelling: z.boolean(),
  createdAt: instant,
  runAt: instant,
  finishedAt: instant.nullable(),
  /** JSON text: each job has a result of its own form. */
  result: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** The jobs of a tenant as its people see them. */
export const jobs = defineModule('jobs', {
  operations: {
    listJobs: query({
      summary: 'Jobs, newest first.',
      input: z.object({
        name: z.string().max(100).optional(),
        state: state.optional(),
        limit: z.int().min(1).max(200).optional(),
        after: id.optional(),
      }),
      output: z.object({ items: z.array(job), next: z.string().nullable() }),
      permission: 'customers.read',
      http: get('/jobs'),
    }),
    getJob: query({
      input: z.object({ id }),
      output: job,
      permission: 'customers.read',
      errors: { 'jobs.not_found': 'notFound' },
      http: get('/jobs/:id'),
    }),
    cancelJob: command({
      summary: 'Ends a job that waits, asks one that runs to end.',
      input: z.object({ id }),
      output: z.object({ outcome: z.enum(['cancelled', 'cancelling', 'already-finished']) }),
      permission: 'imports.write',
      errors: { 'jobs.not_found': 'notFound' },
      http: post('/jobs/:id/cancel'),
    }),
  },
});

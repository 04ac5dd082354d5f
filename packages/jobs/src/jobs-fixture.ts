import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { createIds, systemClock, type Ctx } from '@plinth/core';
import { z } from '@plinth/core/z';
import type { Database } from '@plinth/postgres';
import { eventually, openDatabase, testCtx } from '@plinth/testing';

import { createJobs, type JobsNeeds } from './create-jobs.ts';
import type { JobContract, JobView, Jobs } from './jobs.ts';
import { migrations } from './migrations.ts';

export const newId = createIds(systemClock);
const input = z.object({ n: z.int() });
export type Input = z.output<typeof input>;
export const add: JobContract<Input, number> = { name: 'test.add', input, result: z.number() };

export interface Shop {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly ctx: Ctx;
}

export async function openShop(t: TestContext, options: Partial<JobsNeeds> = {}): Promise<Shop> {
  // Registered first, run first: the jobs end before their database does.
  let jobs: Jobs | undefined;
  t.after(() => jobs?.drain(0));
  const database = options.database ?? (await openDatabase(t, { migrations: [migrations] }));
  jobs = createJobs({ database, clock: systemClock, newId, pollMs: 20, ...options });
  return { database, jobs, ctx: testCtx({ tenant: newId() }) };
}

export function enqueue(
  { database, jobs, ctx }: Shop,
  contract: JobContract<Input>,
  n: number,
): Promise<{ id: string; created: boolean }> {
  return database.write(ctx, (tx) => jobs.enqueue(tx, contract, { n }));
}

/** Waits for its end. */
export async function ended({ jobs, ctx }: Shop, id: string): Promise<JobView> {
  return eventually(
    async () => {
      const view = await jobs.get(ctx, id);
      assert(view !== undefined && view.finishedAt !== null, 'it has ended');
      return view;
    },
    { withinMs: 60_000 },
  );
}

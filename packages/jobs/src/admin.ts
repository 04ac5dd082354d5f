import type { Actor, Json } from '@plinth/core';
import type { Database, Transaction } from '@plinth/postgres';

import * as table from './admin-table.ts';
import { cancelJob, notFound, type Cancelled } from './cancel-job.ts';
import { cancelChannel, workChannel } from './channels.ts';
import { noTenant, tenantOf } from './hub.ts';
import type { JobQuery, JobState, JobView } from './jobs.ts';
import { listLimits, removeLimit, setLimit } from './limit-table.ts';
import { writeAsWorker } from './system-context.ts';
import { pauseQueue, resumeQueue } from './upkeep-table.ts';
import { toView } from './view.ts';
import { findJob, lastId, listJobs, reviveDead } from './view-table.ts';

/** Who acts, for the record. */
export type Who = Pick<Actor, 'kind' | 'id'>;

/** A job of any tenant; null: of none. */
export interface AdminView extends JobView {
  readonly tenant: string | null;
}

export interface AdminQuery extends JobQuery {
  readonly tenant?: string | undefined;
}

export interface QueueState {
  readonly queue: string;
  readonly scheduled: number;
  readonly ready: number;
  readonly running: number;
  readonly dead: number;
  /** Of the oldest ready job. */
  readonly oldestSeconds: number;
  readonly pausedBy: string | null;
  readonly pausedWhy: string | null;
}

export interface ScheduleState {
  readonly name: string;
  /** Cron text and zone. */
  readonly pattern: string;
  /** RFC 3339, as the next. */
  readonly lastFire: string | null;
  readonly nextFire: string;
}

export interface JobLimit {
  readonly queue: string;
  /** Empty: the whole queue; `*`: each tenant that has none of its own; else one tenant. */
  readonly tenant: string;
  /** Over all processes. */
  readonly runningMax: number;
}

type JobLimitChange = Omit<JobLimit, 'runningMax'> & { readonly runningMax: number | null };

export interface JobAct {
  readonly at: string;
  /** `kind:id`. */
  readonly actor: string;
  readonly action: string;
  readonly queue: string | null;
  readonly schedule: string | null;
  readonly ids: readonly string[] | null;
  readonly why: string | null;
}

export type DeadJobs =
  | { readonly ids: readonly string[] }
  | { readonly where: Pick<AdminQuery, 'name' | 'queue' | 'tenant'> };

/** What an operator does to the jobs of all tenants. Each act is recorded with its actor and reason. */
export interface JobsAdmin {
  /** Newest first, at most 200. */
  list(query: AdminQuery): Promise<AdminView[]>;
  get(id: string): Promise<AdminView | undefined>;
  queues(): Promise<QueueState[]>;
  schedules(): Promise<ScheduleState[]>;
  /** Newest first, at most 200. */
  acts(): Promise<JobAct[]>;
  /** @throws {Problem} `jobs.not_found`. */
  cancel(id: string, by: Who, why?: string): Promise<Cancelled['outcome']>;
  /** Dead jobs become ready, their attempts counted anew, 1,000 a transaction. @returns how many. */
  retry(selection: DeadJobs, by: Who, why?: string): Promise<number>;
  /** A running product fires the schedule within about a second, once. @throws {Problem} `jobs.not_found`. */
  run(schedule: string, by: Who, why?: string): Promise<void>;
  /** Nothing more is claimed from the queue; what runs goes on. */
  pause(queue: string, by: Who, why: string): Promise<void>;
  resume(queue: string, by: Who): Promise<void>;
  limits(): Promise<JobLimit[]>;
  /** @param limit.runningMax null: none any more. What runs already goes on. */
  limit(limit: JobLimitChange, by: Who, why?: string): Promise<void>;
}

const rowsMax = 200;
const retryRowsMax = 1_000;

/** @param database as the product's role. */
export function createJobsAdmin(database: Database): JobsAdmin {
  const write = <result>(work: (tx: Transaction) => Promise<result>) =>
    writeAsWorker(database, work);
  const wake = () => database.notify(workChannel);
  return {
    async list(query) {
      const { tenant, limit = rowsMax } = query;
      const filter = { ...listParams(query), tenant: tenant ?? null };
      const params = { ...filter, rowsMax: Math.min(limit, rowsMax) };
      return (await write((tx) => tx.many(listJobs, params))).map(toAdminView);
    },
    async get(id) {
      const row = await write((tx) => tx.maybe(findJob, { id }));
      return row && toAdminView(row);
    },
    queues: () => write((tx) => tx.many(table.queuesState, {})),
    schedules: () => write((tx) => tx.many(table.listSchedules, {})),
    acts: () => write((tx) => tx.many(table.listActs, { rowsMax })),
    async cancel(id, by, why) {
      const { outcome } = await write(async (tx) => {
        const cancelled = await cancelJob(tx, id);
        await recordCancel(tx, { id, by, why, cancelled });
        return cancelled;
      });
      if (outcome === 'cancelling') database.notify(cancelChannel);
      return outcome;
    },
    async retry(selection, by, why) {
      const count = await retryDead(write, selection, { by, why });
      if (count > 0) wake();
      return count;
    },
    run: (schedule, by, why) => write((tx) => runSchedule(tx, schedule, { by, why })),
    async pause(queue, by, why) {
      await write(async (tx) => {
        await tx.run(pauseQueue, { queue, by: nameOf(by), why });
        await record(tx, 'pause', { by, queue, why });
      });
    },
    async resume(queue, by) {
      await write(async (tx) => {
        await tx.run(resumeQueue, { queue });
        await record(tx, 'resume', { by, queue });
      });
      wake();
    },
    limits: () => write((tx) => tx.many(listLimits, {})),
    async limit({ queue, tenant, runningMax }, by, why) {
      await write(async (tx) => {
        if (runningMax === null) await tx.run(removeLimit, { queue, tenant });
        else await tx.run(setLimit, { queue, tenant, runningMax });
        await record(tx, 'limit', { by, why, queue, detail: { tenant, runningMax } });
      });
      wake();
    },
  };
}

/** What a query of one's own jobs and of everybody's have in common. */
export function listParams({ after, name, queue, state }: JobQuery) {
  const chosen: JobState | null = state ?? null;
  return { after: after ?? lastId, name: name ?? null, queue: queue ?? null, state: chosen };
}

interface Act {
  readonly by: Who;
  readonly why?: string | undefined;
  readonly tenant?: string;
  readonly queue?: string;
  readonly schedule?: string;
  readonly ids?: readonly string[];
  readonly detail?: Json;
}

/** In the transaction of the act: neither is without the other. */
export async function record(
  tx: Transaction,
  action: 'cancel' | 'retry' | 'run' | 'pause' | 'resume' | 'limit',
  act: Act,
): Promise<void> {
  await tx.run(table.auditAct, {
    action,
    actor: nameOf(act.by),
    tenant: act.tenant ?? noTenant,
    queue: act.queue ?? null,
    schedule: act.schedule ?? null,
    ids: act.ids === undefined ? null : [...act.ids],
    detail: act.detail ?? null,
    why: act.why ?? null,
  });
}

interface Cancelling {
  readonly id: string;
  readonly by: Who;
  readonly why?: string | undefined;
  readonly cancelled: Cancelled;
}

/** A cancel that came after the end changed nothing, and is not recorded. */
export async function recordCancel(
  tx: Transaction,
  { id, by, why, cancelled }: Cancelling,
): Promise<void> {
  const { outcome, tenant } = cancelled;
  if (outcome !== 'already-finished') await record(tx, 'cancel', { by, why, tenant, ids: [id] });
}

/** @returns how many became ready. */
export async function reviveIds(
  tx: Transaction,
  ids: readonly string[],
  act: Act,
): Promise<number> {
  const rows = await tx.many(reviveDead, { ids });
  const revived = rows.map(({ id }) => id);
  if (revived.length > 0) await record(tx, 'retry', { ...act, ids: revived });
  return revived.length;
}

async function retryDead(
  write: <result>(work: (tx: Transaction) => Promise<result>) => Promise<result>,
  selection: DeadJobs,
  act: Act,
): Promise<number> {
  if ('ids' in selection) return write((tx) => reviveIds(tx, selection.ids, act));
  const { name = null, queue = null, tenant = null } = selection.where;
  const detail = { name, queue, tenant };
  for (let count = 0; ;) {
    const revived = await write(async (tx) => {
      const dead = await tx.many(table.lockDead, { ...detail, rowsMax: retryRowsMax });
      const ids = dead.map(({ id }) => id);
      return reviveIds(tx, ids, { ...act, detail });
    });
    count += revived;
    if (revived < retryRowsMax) return count;
  }
}

async function runSchedule(tx: Transaction, schedule: string, act: Act): Promise<void> {
  const due = await tx.maybe(table.makeDue, { name: schedule });
  if (due === undefined) throw notFound();
  await record(tx, 'run', { ...act, schedule });
}

function nameOf({ kind, id }: Who): string {
  return `${kind}:${id}`;
}

function toAdminView(row: Parameters<typeof toView>[0]): AdminView {
  return { ...toView(row), tenant: tenantOf(row.tenant) };
}

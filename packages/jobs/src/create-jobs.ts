import { randomInt } from 'node:crypto';

import {
  noLog,
  noTelemetry,
  type Actor,
  type Clock,
  type Log,
  type NewId,
  type Telemetry,
} from '@plinth/core';
import type { Context, Database, Transaction } from '@plinth/postgres';

import {
  createJobsAdmin,
  listParams,
  record,
  recordCancel,
  reviveIds,
  type JobsAdmin,
  type Who,
} from './admin.ts';
import { cancelJob, notFound, type Cancelled } from './cancel-job.ts';
import { cancelChannel, workChannel } from './channels.ts';
import { enqueueAll, enqueueOne } from './enqueue.ts';
import { Hub } from './hub.ts';
import type {
  DrainReport,
  EnqueueOptions,
  JobContext,
  JobContract,
  JobPage,
  JobProgress,
  JobQuery,
  Jobs,
  JobView,
  Schedule,
} from './jobs.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Defined } from './running-job.ts';
import { Schedules } from './schedules.ts';
import { writeAsWorker } from './system-context.ts';
import { startUpkeep } from './upkeep.ts';
import { toView } from './view.ts';
import { findJob, listJobs } from './view-table.ts';
import { Worker } from './worker.ts';

export interface JobsNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log?: Log;
  readonly telemetry?: Telemetry;
  /** Called at each change of state and of progress, at most once a second a job, the last one always. */
  readonly onProgress?: (tenant: string | null, view: JobProgress) => void;
  /** `JOBS_POLL_MS`, default 500. */
  readonly pollMs?: number;
  /** Default 10,000; a worker that is silent for three of them has lost its jobs. */
  readonly heartbeatMs?: number;
  /** `JOBS_DRAIN_MS`, default 20,000. */
  readonly drainMs?: number;
}

const pollMsDefault = 500;
const heartbeatMsDefault = 10_000;
const drainMsDefault = 20_000;
const watchMs = 1_000;
const listLimitDefault = 50;
const listLimitMax = 200;
const randomSteps = 2 ** 32;

/** Background work on PostgreSQL. */
export function createJobs(needs: JobsNeeds): Jobs {
  return new PostgresJobs(needs);
}

class PostgresJobs implements Jobs {
  readonly #needs: JobsNeeds;
  readonly #defined = new Map<string, Defined>();
  readonly #hub: Hub;
  readonly #metrics: Metrics;
  readonly #schedules: Schedules;
  readonly admin: JobsAdmin;
  #worker: Worker | undefined;
  #stops: (() => Promise<void>)[] = [];

  constructor(needs: JobsNeeds) {
    const { database, newId, telemetry = noTelemetry, onProgress = () => undefined } = needs;
    this.#needs = needs;
    this.admin = createJobsAdmin(database);
    this.#hub = new Hub(onProgress);
    this.#metrics = createMetrics(
      telemetry.meter,
      () => this.#worker?.runningByQueue() ?? new Map<string, number>(),
    );
    this.#schedules = new Schedules({
      database,
      newId,
      metrics: this.#metrics,
      random: () => randomInt(randomSteps) / randomSteps,
      onFired: () => this.#wake(),
    });
  }

  define<input, result>(
    contract: JobContract<input, result>,
    run: (input: input, x: JobContext) => Promise<result>,
  ): void {
    if (this.#defined.has(contract.name)) {
      throw new TypeError(`Two jobs are named ${contract.name}.`);
    }
    this.#defined.set(contract.name, {
      contract,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract's own schema has parsed it
      run: (input, x) => run(input as input, x),
    });
  }

  async enqueue<input>(
    tx: Transaction,
    contract: JobContract<input>,
    input: input,
    options: EnqueueOptions = {},
  ): Promise<{ id: string; created: boolean }> {
    const { newId } = this.#needs;
    const job = await enqueueOne(tx, contract, input, { ...options, newId });
    tx.after(() => this.#wake());
    return job;
  }

  async enqueueMany<input>(
    tx: Transaction,
    contract: JobContract<input>,
    inputs: readonly input[],
    options: Omit<EnqueueOptions, 'unique'> = {},
  ): Promise<{ ids: string[]; skipped: number }> {
    const { newId } = this.#needs;
    const made = await enqueueAll(tx, contract, inputs, { ...options, newId });
    tx.after(() => this.#wake());
    return made;
  }

  schedule(schedule: Schedule): void {
    this.#schedules.add(schedule);
  }

  async get(context: Context, id: string): Promise<JobView | undefined> {
    const row = await this.#needs.database.maybe(context, findJob, { id });
    return row === undefined ? undefined : toView(row);
  }

  async list(context: Context, query: JobQuery): Promise<JobPage> {
    const limit = Math.min(query.limit ?? listLimitDefault, listLimitMax);
    const rows = await this.#needs.database.many(context, listJobs, {
      ...listParams(query),
      tenant: null,
      rowsMax: limit + 1,
    });
    const items = rows.slice(0, limit).map(toView);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  async *watch(context: Context, id: string): AsyncGenerator<JobView> {
    let told = '';
    for (;;) {
      const changed = Promise.withResolvers<void>();
      const stop = this.#hub.listen(id, changed.resolve);
      try {
        const view = await this.get(context, id);
        if (view === undefined) throw notFound();
        const text = JSON.stringify(view);
        if (text !== told) yield view;
        told = text;
        if (view.finishedAt !== null) return;
        await this.#changedOrLater(changed.promise, context.signal);
      } finally {
        stop();
      }
    }
  }

  async cancel(context: Context, id: string): Promise<Cancelled['outcome']> {
    const { database } = this.#needs;
    return database.write(context, async (tx) => {
      const cancelled = await cancelJob(tx, id);
      const { outcome, name, tenant } = cancelled;
      await recordCancel(tx, { id, by: actorOf(context), cancelled });
      const view = { id, name, state: 'cancelled', fraction: null, message: null } as const;
      tx.after(() => {
        if (outcome === 'cancelled') this.#hub.tell(tenant, view);
        else if (outcome === 'cancelling' && this.#worker?.cancel(id) !== true) {
          database.notify(cancelChannel);
        }
      });
      return outcome;
    });
  }

  async retry(context: Context, ids: readonly string[]): Promise<number> {
    return this.#needs.database.write(context, async (tx) => {
      const tenant = storedTenant(context);
      const count = await reviveIds(tx, ids, { by: actorOf(context), tenant });
      tx.after(() => this.#wake());
      return count;
    });
  }

  async runNow(name: string, by: Actor): Promise<string> {
    const { database, newId } = this.#needs;
    const schedule = this.#schedules.get(name);
    if (schedule === undefined) throw notFound();
    const { contract, input } = schedule.job;
    const { id } = await writeAsWorker(database, async (tx) => {
      const made = await enqueueOne(tx, contract, input, { newId });
      await record(tx, 'run', { by, schedule: name, ids: [made.id] });
      return made;
    });
    this.#wake();
    return id;
  }

  async start({ queues }: { readonly queues: Readonly<Record<string, number>> }): Promise<void> {
    const { log = noLog, telemetry = noTelemetry, heartbeatMs = heartbeatMsDefault } = this.#needs;
    const { database, clock, pollMs = pollMsDefault } = this.#needs;
    const shared = { ...this.#needs, log, telemetry, heartbeatMs, hub: this.#hub };
    const metrics = this.#metrics;
    const worker = new Worker({ ...shared, metrics, pollMs, defined: this.#defined }, queues);
    await this.#schedules.register(clock.now());
    await worker.start();
    this.#worker = worker;
    const wake = () => worker.wake();
    const check = () => void worker.check();
    const upkeep = startUpkeep({
      ...shared,
      metrics,
      schedules: this.#schedules,
      onReady: () => this.#wake(),
    });
    this.#stops = [
      await database.listen(workChannel, wake, wake),
      await database.listen(cancelChannel, check, check),
      () => upkeep.stop(),
    ];
  }

  async drain(ms = this.#needs.drainMs ?? drainMsDefault): Promise<DrainReport> {
    const worker = this.#worker;
    if (worker === undefined) return { finished: 0, returned: 0 };
    const report = await worker.drain(ms);
    await Promise.all(this.#stops.map((stop) => stop()));
    this.#worker = undefined;
    this.#stops = [];
    return report;
  }

  #wake(): void {
    this.#worker?.wake();
    this.#needs.database.notify(workChannel);
  }

  async #changedOrLater(changed: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    // An abort of the wait is looked at by the next read.
    const later = this.#needs.clock.sleep(watchMs, either).catch(() => 'ended');
    await Promise.race([changed, later]);
    over.abort();
    signal.throwIfAborted();
  }
}

function storedTenant({ tenant }: Context): string {
  return tenant === 'none' ? '_' : tenant;
}

function actorOf({ actor }: Context): Who {
  return actor ?? { kind: 'system', id: 'jobs' };
}

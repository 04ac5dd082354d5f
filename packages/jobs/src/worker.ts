import { hostname } from 'node:os';

import {
  createPositionSession,
  type NewId,
  type Position,
  type PositionSession,
} from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { Bands } from './bands.ts';
import { claimJobs, findQueue, returnJobs } from './claim-table.ts';
import { Deadlines } from './deadlines.ts';
import { Endings } from './endings.ts';
import type { Hub } from './hub.ts';
import type { DrainReport } from './jobs.ts';
import { beat, deleteWorker, findClaims, insertWorker, saveProgress } from './live-table.ts';
import { claimWithin, lockQueue, roomOfQueue } from './limit-table.ts';
import { startLoop, type Loop } from './loop.ts';
import type { Metrics } from './metrics.ts';
import { RunningJob, type Claimed, type Defined, type RunNeeds } from './running-job.ts';
import { writeAsWorker } from './system-context.ts';

export interface WorkerNeeds extends RunNeeds {
  readonly newId: NewId;
  readonly defined: ReadonlyMap<string, Defined>;
  readonly hub: Hub;
  readonly metrics: Metrics;
  /** Between two looks for work when nobody wakes us; idle it backs off to four times that. */
  readonly pollMs: number;
  readonly heartbeatMs: number;
}

interface Queue {
  readonly name: string;
  readonly slots: number;
  readonly bands: Bands;
  /** The tenant where the last claim of each band ended. */
  readonly after: [string, string, string];
  running: number;
  loop?: Loop;
}

/** Sorts before every tenant. */
const firstTenant = String.fromCodePoint(1);
const claimMax = 500;
const progressMs = 1_000;

/** Claims jobs for the free slots of this process, runs them and ends them. */
export class Worker {
  readonly id: string;
  readonly #needs: WorkerNeeds;
  readonly #queues: Queue[];
  readonly #running = new Map<string, RunningJob>();
  readonly #endings: Endings;
  readonly #deadlines: Deadlines;
  readonly #idle = new Set<() => void>();
  #stops: (() => void)[] = [];
  #isDraining = false;

  constructor(needs: WorkerNeeds, queues: Readonly<Record<string, number>>) {
    this.#needs = needs;
    this.id = needs.newId();
    this.#endings = new Endings(needs);
    this.#deadlines = new Deadlines(needs.clock);
    this.#queues = Object.entries(queues).map(([name, slots]) => ({
      name,
      slots,
      bands: new Bands(),
      after: [firstTenant, firstTenant, firstTenant],
      running: 0,
    }));
  }

  async start(): Promise<void> {
    const { clock, heartbeatMs, pollMs, log } = this.#needs;
    await this.#register();
    this.#stops = [
      clock.every(heartbeatMs / 2, () =>
        this.#quietly('jobs.heartbeat_failed', () => this.#beat()),
      ),
      clock.every(progressMs, () => this.#quietly('jobs.progress_failed', () => this.#tell())),
    ];
    for (const queue of this.#queues) {
      queue.loop = startLoop({
        clock,
        idleMs: pollMs,
        idleMsMax: pollMs * 4,
        work: () => this.#claim(queue),
        onError: (error) => log.warn('jobs.claim_failed', { queue: queue.name, error }),
      });
    }
  }

  wake(): void {
    for (const { loop } of this.#queues) loop?.wake();
  }

  /** @returns false when it does not run here. */
  cancel(id: string): boolean {
    const job = this.#running.get(id);
    job?.abort('cancelled');
    return job !== undefined;
  }

  /** Asks at once whether one of our jobs was cancelled. */
  check(): Promise<void> {
    return this.#quietly('jobs.heartbeat_failed', () => this.#readBack());
  }

  runningByQueue(): ReadonlyMap<string, number> {
    return new Map(this.#queues.map(({ name, running }) => [name, running]));
  }

  async drain(ms: number): Promise<DrainReport> {
    const { clock } = this.#needs;
    this.#isDraining = true;
    await Promise.all(
      this.#queues.flatMap(({ loop }) => (loop === undefined ? [] : [loop.stop()])),
    );
    const before = this.#running.size;
    const over = new AbortController();
    // An abort means that the last job has ended in time.
    const late = clock.sleep(ms, over.signal).catch(() => 'ended');
    await Promise.race([this.#whenIdle(), late]);
    over.abort();
    const left = [...this.#running.values()];
    for (const job of left) job.abort('drain');
    this.#endings.giveUp();
    for (const stop of this.#stops) stop();
    this.#deadlines.stop();
    const returned = await this.#leave(left);
    return { finished: before - left.length, returned };
  }

  /** What cannot be given back, because the database is away, the sweeper of another process takes. */
  async #leave(left: readonly RunningJob[]): Promise<number> {
    const { database, log } = this.#needs;
    try {
      const returned = await this.#giveBack(left);
      await writeAsWorker(database, (tx) => tx.run(deleteWorker, { id: this.id }));
      return returned;
    } catch (error) {
      log.warn('jobs.leave_failed', { error, left: left.length });
      return 0;
    }
  }

  async #register(): Promise<void> {
    const slots = Object.fromEntries(this.#queues.map((queue) => [queue.name, queue.slots]));
    await writeAsWorker(this.#needs.database, (tx) =>
      tx.run(insertWorker, { id: this.id, host: hostname(), slots }),
    );
  }

  /** @returns whether there may be more. */
  async #claim(queue: Queue): Promise<boolean> {
    const free = Math.min(claimMax, queue.slots - queue.running);
    if (free <= 0 || this.#isDraining) return false;
    const position = createPositionSession();
    const rows = await this.#take(queue, free, position);
    queue.running += rows.length;
    for (const row of rows) void this.#run(queue, row, position.get());
    return rows.length === free && queue.running < queue.slots;
  }

  async #take(queue: Queue, free: number, position: PositionSession): Promise<Claimed[]> {
    const names = [...this.#needs.defined.keys()];
    return writeAsWorker(
      this.#needs.database,
      async (tx) => {
        const { isPaused, isLimited } = await tx.one(findQueue, { queue: queue.name });
        if (isPaused) return [];
        const statement = isLimited ? claimWithin : claimJobs;
        const room = isLimited ? await lockedRoom(tx, queue.name) : free;
        const all = Math.min(free, room);
        const rows: Claimed[] = [];
        const left = new Set([0, 1, 2] as const);
        const claim = async (band: 0 | 1 | 2, slots: number) => {
          if (slots <= 0) return;
          const params = { queue: queue.name, band, slots, names, worker: this.id };
          const after = queue.after[band];
          const claimed = await tx.many(statement, { ...params, after });
          const missing = slots - claimed.length;
          // Behind the last tenant come the first ones.
          if (missing > 0 && after !== firstTenant) {
            const again = { ...params, slots: missing, after: firstTenant };
            claimed.push(...(await tx.many(statement, again)));
          }
          queue.after[band] = claimed.at(-1)?.tenant ?? firstTenant;
          rows.push(...claimed);
          // One that has nothing need not be asked again; one that gave too little may have more.
          if (claimed.length === 0) left.delete(band);
        };
        const shares = queue.bands.share(Math.max(0, all));
        for (const band of [0, 1, 2] as const) await claim(band, shares[band]);
        for (const band of left) await claim(band, all - rows.length);
        return rows;
      },
      position,
    );
  }

  async #run(queue: Queue, row: Claimed, seen: Position | undefined): Promise<void> {
    const { defined, metrics } = this.#needs;
    const known = defined.get(row.name);
    metrics.waited(queue.name, row.waitedMs);
    if (known !== undefined) {
      const job = new RunningJob(row, known, { ...this.#needs, deadlines: this.#deadlines }, seen);
      this.#running.set(row.id, job);
      this.#endings.tell(job, 'running');
      const outcome = await job.execute();
      await this.#endings.settle(job, known, outcome);
      if (this.#running.get(row.id) === job) this.#running.delete(row.id);
    }
    queue.running -= 1;
    queue.loop?.wake();
    if (this.#running.size === 0) for (const resolve of this.#idle) resolve();
  }

  async #beat(): Promise<void> {
    const rows = await writeAsWorker(this.#needs.database, (tx) => tx.run(beat, { id: this.id }));
    if (rows === 0) await this.#register();
    await this.#readBack();
  }

  /** Aborts what was cancelled, or has another owner. */
  async #readBack(): Promise<void> {
    const ids = [...this.#running.keys()];
    if (ids.length === 0) return;
    const epochs = new Map([...this.#running].map(([id, { row }]) => [id, row.epoch]));
    const rows = await writeAsWorker(this.#needs.database, (tx) => tx.many(findClaims, { ids }));
    for (const { id, epoch, isCancelled } of rows) {
      const job = this.#running.get(id);
      if (job === undefined || job.row.epoch !== epochs.get(id)) continue;
      if (isCancelled) job.abort('cancelled');
      else if (epoch !== null && epoch !== job.row.epoch) job.abort('fenced');
    }
  }

  async #tell(): Promise<void> {
    const dirty = [...this.#running.values()].filter((job) => job.isDirty);
    if (dirty.length === 0) return;
    for (const job of dirty) {
      job.isDirty = false;
      this.#endings.tell(job, 'running');
    }
    await writeAsWorker(this.#needs.database, (tx) =>
      tx.run(saveProgress, {
        ids: dirty.map(({ row }) => row.id),
        tenants: dirty.map(({ row }) => row.tenant),
        epochs: dirty.map(({ row }) => row.epoch),
        fractions: dirty.map(({ fraction }) => fraction),
        messages: dirty.map(({ message }) => message),
      }),
    );
  }

  async #giveBack(jobs: readonly RunningJob[]): Promise<number> {
    if (jobs.length === 0) return 0;
    const ids = jobs.map(({ row }) => row.id);
    const epochs = jobs.map(({ row }) => row.epoch);
    const rows = await writeAsWorker(this.#needs.database, (tx) =>
      tx.many(returnJobs, { ids, epochs }),
    );
    return rows.length;
  }

  #whenIdle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#idle.add(resolve));
  }

  /** What repeats by itself says that it failed, and goes on. */
  async #quietly(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#needs.log.warn(message, { error });
    }
  }
}

/** How many the whole queue may still start; nobody else claims from it until this transaction ends. */
async function lockedRoom(tx: Transaction, queue: string): Promise<number> {
  await tx.run(lockQueue, { queue });
  return (await tx.one(roomOfQueue, { queue })).room;
}

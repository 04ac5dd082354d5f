import type { NewId } from '@plinth/core';
import type { Database, Transaction } from '@plinth/postgres';

import { parseCron, type CronTimes } from './cron-times.ts';
import { enqueueOne } from './enqueue.ts';
import type { JobContract, Schedule, Unique } from './jobs.ts';
import type { Metrics } from './metrics.ts';
import { writeAsWorker } from './system-context.ts';
import { lockDueSchedules, moveSchedule, upsertSchedule } from './upkeep-table.ts';

interface Known {
  readonly schedule: Schedule;
  readonly times: CronTimes;
}

export interface SchedulesNeeds {
  readonly database: Database;
  readonly newId: NewId;
  readonly metrics: Metrics;
  random(): number;
  /** Jobs were made. */
  onFired(): void;
}

/** Later than this is missed. */
const lateMsMax = 10_000;
const firesMax = 100;

/** What runs by the clock. The next time of each stands in the database; who holds its row fires it. */
export class Schedules {
  readonly #needs: SchedulesNeeds;
  readonly #known = new Map<string, Known>();

  constructor(needs: SchedulesNeeds) {
    this.#needs = needs;
  }

  add(schedule: Schedule): void {
    if (this.#known.has(schedule.name)) {
      throw new TypeError(`Two schedules are named ${schedule.name}.`);
    }
    this.#known.set(schedule.name, { schedule, times: parseCron(schedule.cron, schedule.zone) });
  }

  get(name: string): Schedule | undefined {
    return this.#known.get(name)?.schedule;
  }

  /** @param now the first times are those after it. */
  async register(now: number): Promise<void> {
    if (this.#known.size === 0) return;
    await writeAsWorker(this.#needs.database, async (tx) => {
      for (const { schedule, times } of this.#known.values()) {
        const { name } = schedule;
        const nextFire = new Date(times.next(now));
        await tx.run(upsertSchedule, { name, pattern: patternOf(schedule), nextFire });
      }
    });
  }

  /** Fires what is due. Two processes that come at once fire it once. */
  async fire(): Promise<void> {
    if (this.#known.size === 0) return;
    const names = [...this.#known.keys()];
    const fired = await writeAsWorker(this.#needs.database, async (tx) => {
      const due = await tx.many(lockDueSchedules, { names });
      for (const row of due) {
        const known = this.#known.get(row.name);
        // A process of another version has moved it to its own pattern: that one fires it.
        if (known === undefined || row.pattern !== patternOf(known.schedule)) continue;
        await this.#fireOne(tx, known, row.nextFire.getTime(), row.now.getTime());
      }
      return due.length > 0;
    });
    if (fired) this.#needs.onFired();
  }

  async #fireOne(tx: Transaction, known: Known, nextFire: number, now: number): Promise<void> {
    const { schedule, times } = known;
    const due = dueTimes(times, nextFire, now);
    const chosen = chooseTimes(schedule.missed, due, now);
    const missed = due.length - chosen.length;
    if (missed > 0) this.#needs.metrics.missed(schedule.name, missed);
    for (const at of chosen) {
      const unique =
        schedule.overlap === 'skip'
          ? `schedule:${schedule.name}`
          : `schedule:${schedule.name}:${at}`;
      const runAt = now + this.#needs.random() * (schedule.jitterMs ?? 0);
      const contract = withActiveKey(schedule.job.contract);
      const options = { newId: this.#needs.newId, unique };
      const later = schedule.jitterMs === undefined ? options : { ...options, runAt };
      await enqueueOne(tx, contract, schedule.job.input, later);
    }
    const last = due.at(-1) ?? nextFire;
    const next = times.next(Math.max(last, now));
    await tx.run(moveSchedule, {
      name: schedule.name,
      lastFire: new Date(last),
      nextFire: new Date(next),
    });
  }
}

/** From the first one that did not fire, up to now; the last hundred of many. */
function dueTimes(times: CronTimes, first: number, now: number): number[] {
  const due: number[] = [];
  for (let at = first; at <= now; at = times.next(at)) {
    due.push(at);
    if (due.length > firesMax) due.shift();
  }
  return due;
}

function chooseTimes(missed: Schedule['missed'], due: readonly number[], now: number): number[] {
  if (missed === 'all') return [...due];
  const last = due.at(-1);
  if (last === undefined) return [];
  return missed === 'once' || now - last <= lateMsMax ? [last] : [];
}

/** The key of a time stands above the contract's own. */
function withActiveKey(contract: JobContract<unknown>): JobContract<unknown> {
  const unique: Unique<unknown> = { key: () => '', scope: 'active', onConflict: 'skip' };
  return { ...contract, unique };
}

function patternOf({ cron, zone }: Schedule): string {
  return `${cron} ${zone}`;
}

import type { Clock, Log } from '@plinth/core';
import type { Database, Transaction } from '@plinth/postgres';

import type { Hub } from './hub.ts';
import { startLoop, type Loop } from './loop.ts';
import type { Metrics } from './metrics.ts';
import type { Schedules } from './schedules.ts';
import { writeAsWorker } from './system-context.ts';
import * as table from './upkeep-table.ts';

export interface UpkeepNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hub: Hub;
  readonly schedules: Schedules;
  readonly heartbeatMs: number;
  /** Jobs have become ready. */
  onReady(): void;
}

const tasks = { promote: 1, sweep: 2, forget: 3 } as const;
const bandNames = ['high', 'normal', 'low'] as const;
const promoteMs = 250;
const promoteRowsMax = 1_000;
const scheduleMs = 1_000;
const sweepMs = 5_000;
const countMs = 10_000;
const forgetMs = 60_000;
const forgetRowsMax = 1_000;

/** What one process does for all: moves what is due, fires schedules, takes back what lost workers had. */
export function startUpkeep(needs: UpkeepNeeds): { stop(): Promise<void> } {
  const repeat = (name: string, everyMs: number, work: () => Promise<boolean>): Loop =>
    startLoop({
      clock: needs.clock,
      idleMs: everyMs,
      idleMsMax: everyMs,
      work,
      onError: (error) => needs.log.warn('jobs.upkeep_failed', { task: name, error }),
    });
  const loops = [
    repeat('promote', promoteMs, () => promote(needs)),
    repeat('schedule', scheduleMs, async () => {
      await needs.schedules.fire();
      return false;
    }),
    repeat('sweep', Math.min(sweepMs, needs.heartbeatMs), () => sweep(needs)),
    repeat('count', countMs, () => count(needs)),
    repeat('forget', forgetMs, () => forget(needs)),
  ];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

/** @returns undefined when another process does it at this moment. */
async function elected<result>(
  database: Database,
  task: keyof typeof tasks,
  work: (tx: Transaction) => Promise<result>,
): Promise<result | undefined> {
  return writeAsWorker(database, async (tx) => {
    const { isElected } = await tx.one(table.electMe, { task: tasks[task] });
    return isElected ? work(tx) : undefined;
  });
}

async function promote({ database, onReady }: UpkeepNeeds): Promise<boolean> {
  const rows = await elected(database, 'promote', (tx) =>
    tx.many(table.promoteDue, { rowsMax: promoteRowsMax }),
  );
  const moved = rows?.length ?? 0;
  if (moved > 0) onReady();
  return moved === promoteRowsMax;
}

async function sweep(needs: UpkeepNeeds): Promise<boolean> {
  const { database, metrics, log, hub, onReady } = needs;
  const silentMs = 3 * needs.heartbeatMs;
  const swept = await elected(database, 'sweep', async (tx) => {
    const lost: { id: string }[] = [];
    const ended: { id: string; name: string; tenant: string }[] = [];
    for (const { id: worker } of await tx.many(table.findLostWorkers, { silentMs })) {
      ended.push(...(await tx.many(table.endLostJobs, { worker })));
      lost.push(...(await tx.many(table.returnLostJobs, { worker })));
      await tx.run(table.forgetWorker, { worker });
    }
    return { lost, ended };
  });
  if (swept === undefined) return false;
  for (const { id, name, tenant } of swept.ended) {
    metrics.dead(name);
    hub.tell(tenant, { id, name, state: 'dead', fraction: null, message: null });
    log.warn('jobs.suspect_crash', { job: name, jobId: id });
  }
  metrics.lost(swept.lost.length + swept.ended.length);
  if (swept.lost.length > 0) onReady();
  return false;
}

async function count({ database, metrics }: UpkeepNeeds): Promise<boolean> {
  const rows = await writeAsWorker(database, (tx) => tx.many(table.countReady, {}));
  metrics.setBacklog(rows.map((row) => ({ ...row, band: bandNames[row.band] ?? 'normal' })));
  return false;
}

async function forget({ database }: UpkeepNeeds): Promise<boolean> {
  const rows = await elected(database, 'forget', async (tx) => {
    await tx.run(table.deleteOldUnique, { rowsMax: forgetRowsMax });
    await tx.run(table.deleteOrphanLive, { rowsMax: forgetRowsMax });
    return tx.many(table.deleteOldDone, { rowsMax: forgetRowsMax });
  });
  return rows?.length === forgetRowsMax;
}

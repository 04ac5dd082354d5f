import type { Meter } from '@plinth/core';

/** What the upkeep counted last. */
export interface Backlog {
  readonly queue: string;
  readonly band: 'high' | 'normal' | 'low';
  readonly count: number;
  readonly oldestMs: number;
}

export interface Metrics {
  ran(name: string, outcome: 'done' | 'failed' | 'dead' | 'cancelled', ms: number): void;
  waited(queue: string, ms: number): void;
  fenced(): void;
  lost(count: number): void;
  dead(name: string): void;
  missed(schedule: string, count: number): void;
  setBacklog(backlog: readonly Backlog[]): void;
}

const declared = { declared: true } as const;
const band = { oneOf: ['high', 'normal', 'low'] } as const;
const outcome = { oneOf: ['done', 'failed', 'dead', 'cancelled'] } as const;

function named(name: string, help: string, unit: 's' | '1' = '1') {
  return { name, help, unit } as const;
}

export function createMetrics(meter: Meter, running: () => ReadonlyMap<string, number>): Metrics {
  let backlog: readonly Backlog[] = [];
  const seconds = meter.histogram({
    ...named('plinth_job_seconds', 'Time of an attempt.', 's'),
    labels: { name: declared, outcome },
  });
  const wait = meter.histogram({
    ...named('plinth_job_wait_seconds', 'Time from due to claimed.', 's'),
    labels: { queue: declared },
  });
  const counter = (name: string, help: string) =>
    meter.counter({ ...named(name, help), labels: {} });
  const fenced = counter('plinth_job_fenced_total', 'Ends of attempts that had lost their job.');
  const lost = counter('plinth_job_lost_total', 'Jobs whose process died.');
  const dead = meter.counter({
    ...named('plinth_job_dead_total', 'Jobs that were given up.'),
    labels: { name: declared },
  });
  const missed = meter.counter({
    ...named('plinth_schedule_missed_total', 'Times of schedules that did not fire.'),
    labels: { name: declared },
  });
  const byBand = { queue: declared, band };
  meter.observable(
    { ...named('plinth_job_oldest_seconds', 'Age of the oldest ready job.', 's'), labels: byBand },
    (set) => {
      for (const one of backlog) set(one.oldestMs / 1_000, { queue: one.queue, band: one.band });
    },
  );
  meter.observable({ ...named('plinth_job_ready', 'Ready jobs.'), labels: byBand }, (set) => {
    for (const one of backlog) set(one.count, { queue: one.queue, band: one.band });
  });
  meter.observable(
    { ...named('plinth_job_running', 'Jobs that this process runs.'), labels: { queue: declared } },
    (set) => {
      for (const [queue, count] of running()) set(count, { queue });
    },
  );
  return {
    ran: (name, how, ms) => seconds.bind({ name, outcome: how }).observe(ms / 1_000),
    waited: (queue, ms) => wait.bind({ queue }).observe(Math.max(0, ms) / 1_000),
    fenced: () => fenced.add(1),
    lost: (count) => lost.add(count),
    dead: (name) => dead.add(1, { name }),
    missed: (schedule, count) => missed.add(count, { name: schedule }),
    setBacklog(now) {
      backlog = now;
    },
  };
}

import type { SeriesWindow } from '@plinth/telemetry/reader';

import type { Job, Messages, Queue, Subscription } from './answers.ts';
import { counts, endOf, figure, gauges, quantiles, rates } from './figures.ts';

const secondsAMinute = 60;

/** How late events are, and what the jobs do. */
export function readMessages(windows: readonly SeriesWindow[]): Messages {
  return {
    asOf: endOf(windows),
    outbox: {
      lag: figure(gauges(windows, { metric: 'plinth_outbox_lag_seconds' }, 'shard')),
      pending: figure(gauges(windows, { metric: 'plinth_outbox_pending' }, 'shard')),
    },
    subscriptions: readSubscriptions(windows),
    queues: readQueues(windows),
    jobs: readJobs(windows),
  };
}

function readSubscriptions(windows: readonly SeriesWindow[]): Subscription[] {
  const pending = gauges(windows, { metric: 'plinth_delivery_pending' }, 'sub');
  const lag = gauges(windows, { metric: 'plinth_delivery_lag_seconds' }, 'sub');
  const dead = counts(windows, { metric: 'plinth_dead_total' }, 'sub');
  const handled = quantiles(windows, 0.95, { metric: 'plinth_handle_seconds' }, 'sub');
  const names = new Set([...pending.keys(), ...lag.keys(), ...dead.keys(), ...handled.keys()]);
  return [...names].toSorted().map((name) => ({
    name,
    pending: pending.get(name) ?? null,
    lag: lag.get(name) ?? null,
    dead: dead.get(name) ?? 0,
    handledP95: handled.get(name) ?? null,
  }));
}

function readQueues(windows: readonly SeriesWindow[]): Queue[] {
  const ready = gauges(windows, { metric: 'plinth_job_ready' }, 'queue');
  const oldest = gauges(windows, { metric: 'plinth_job_oldest_seconds' }, 'queue');
  const names = new Set([...ready.keys(), ...oldest.keys()]);
  return [...names].toSorted().map((name) => ({
    name,
    ready: ready.get(name) ?? null,
    oldest: oldest.get(name) ?? null,
  }));
}

function readJobs(windows: readonly SeriesWindow[]): Job[] {
  const metric = 'plinth_job_seconds';
  const perSecond = rates(windows, { metric }, 'name');
  const p95 = quantiles(windows, 0.95, { metric }, 'name');
  const dead = counts(windows, { metric: 'plinth_job_dead_total' }, 'name');
  const names = new Set([...perSecond.keys(), ...dead.keys()]);
  return [...names].toSorted().map((name) => ({
    name,
    perMinute: (perSecond.get(name) ?? 0) * secondsAMinute,
    p95: p95.get(name) ?? null,
    dead: dead.get(name) ?? 0,
  }));
}

import type { BoundHistogram, HistogramDef, Meter, MetricDef } from '@plinth/core';

import type { PoolStats } from './database.ts';
import type { Route } from './hosts/seat.ts';

export interface PoolMetrics {
  waited(ms: number): void;
  timedOut(): void;
}

export type StatementClass = 'simple' | 'report' | 'write';
export type Outcome = 'ok' | 'problem' | 'error' | 'timeout';

export interface Metrics {
  readonly pool: (name: string) => PoolMetrics;
  observe(measure: Measure): void;
  /** One read, by where it was served. */
  routed(route: Route): void;
  /** A failover lost what a client had been told was written. */
  positionLost(): void;
  retried(sqlstate: string): void;
  slow(summary: string): void;
  rows(summary: string, count: number): void;
}

export interface Measure {
  readonly summary: string;
  readonly statementClass: StatementClass;
  readonly outcome: Outcome;
  readonly role: 'primary' | 'replica';
  readonly ms: number;
}

/** A replica, for its gauges. */
export interface LagSample {
  readonly host: string;
  readonly seconds: number;
  readonly bytes: number;
}

const summariesMax = 1_000;
/** Texts that are composed, such as those of lists, have no end of names. */
const boundMax = 4_000;
const poolLabel = 'db_client_connection_pool_name';
const bySummary = { db_query_summary: { atMost: summariesMax } } as const;
const byPool = { [poolLabel]: { atMost: 16 } } as const;

const durationDef: HistogramDef = {
  name: 'db_client_operation_duration_seconds',
  help: 'Time from sending a statement to its last row.',
  unit: 's',
  labels: {
    ...bySummary,
    db_role: { oneOf: ['primary', 'replica'] },
    statement_class: { oneOf: ['simple', 'report', 'write'] },
    outcome: { oneOf: ['ok', 'problem', 'error', 'timeout'] },
  },
  cap: 2_000,
};
const waitTimeDef: HistogramDef = {
  name: 'db_client_connection_wait_time_seconds',
  help: 'Time until a caller had a connection.',
  unit: 's',
  labels: byPool,
};
const timeoutsDef: MetricDef = {
  name: 'db_client_connection_timeouts_total',
  help: 'Callers that got no connection in time.',
  unit: '{timeout}',
  labels: byPool,
};
const retriesDef: MetricDef = {
  name: 'plinth_pg_retries_total',
  help: 'Transactions that ran again.',
  unit: '{retry}',
  labels: { sqlstate: { atMost: 64 } },
};
const slowDef: MetricDef = {
  name: 'plinth_pg_slow_total',
  help: 'Statements that took longer than the slow-query bound.',
  unit: '{statement}',
  labels: bySummary,
};
const readsDef: MetricDef = {
  name: 'plinth_pg_reads_total',
  help: 'Reads by where they were served.',
  unit: '{read}',
  labels: { route: { oneOf: ['replica', 'primary', 'waited', 'fallback'] } },
};
const positionLostDef: MetricDef = {
  name: 'plinth_pg_position_lost_total',
  help: 'Positions of clients that a failover lost, or may have lost.',
  unit: '{position}',
  labels: {},
};
const rowsDef: MetricDef = {
  name: 'plinth_pg_rows_total',
  help: 'Rows that statements returned.',
  unit: '{row}',
  labels: bySummary,
};

/** A series of one summary, found without making a key of its labels. */
interface Bound extends Pick<Measure, 'statementClass' | 'outcome' | 'role'> {
  readonly histogram: BoundHistogram;
}

function isAlike(one: Bound, { statementClass, outcome, role }: Measure): boolean {
  return one.outcome === outcome && one.role === role && one.statementClass === statementClass;
}

/** Names and labels are those of the catalogue of metrics. */
export function createMetrics(
  meter: Meter,
  stats: () => readonly PoolStats[],
  lags: () => readonly LagSample[],
): Metrics {
  const duration = meter.histogram(durationDef);
  const waitTime = meter.histogram(waitTimeDef);
  const timeouts = meter.counter(timeoutsDef);
  const retries = meter.counter(retriesDef);
  const slow = meter.counter(slowDef);
  const rows = meter.counter(rowsDef);
  const reads = meter.counter(readsDef);
  const positionsLost = meter.counter(positionLostDef);
  observePool(meter, stats);
  observeLag(meter, lags);

  const bound = new Map<string, Bound[]>();
  let boundCount = 0;
  const bind = (measure: Measure) => {
    const { summary, statementClass, outcome, role } = measure;
    const ofSummary = bound.get(summary) ?? [];
    for (const one of ofSummary) if (isAlike(one, measure)) return one.histogram;
    const histogram = duration.bind({
      db_query_summary: summary,
      db_role: role,
      statement_class: statementClass,
      outcome,
    });
    if (boundCount < boundMax) {
      boundCount += 1;
      ofSummary.push({ statementClass, outcome, role, histogram });
      bound.set(summary, ofSummary);
    }
    return histogram;
  };
  return {
    pool(name) {
      const ofPool = { [poolLabel]: name };
      const waits = waitTime.bind(ofPool);
      return {
        waited: (ms) => waits.observe(ms / 1_000),
        timedOut: () => timeouts.add(1, ofPool),
      };
    },
    observe: (measure) => bind(measure).observe(measure.ms / 1_000),
    routed: (route) => reads.add(1, { route }),
    positionLost: () => positionsLost.add(1),
    retried: (sqlstate) => retries.add(1, { sqlstate }),
    slow: (summary) => slow.add(1, { db_query_summary: summary }),
    rows: (summary, count) => rows.add(count, { db_query_summary: summary }),
  };
}

function observePool(meter: Meter, stats: () => readonly PoolStats[]): void {
  meter.observable(
    {
      name: 'db_client_connection_count',
      help: 'Connections by what they do.',
      unit: '{connection}',
      labels: { ...byPool, db_client_connection_state: { oneOf: ['idle', 'used'] } },
    },
    (set) => {
      for (const { name, idle, used } of stats()) {
        set(idle, { [poolLabel]: name, db_client_connection_state: 'idle' });
        set(used, { [poolLabel]: name, db_client_connection_state: 'used' });
      }
    },
  );
  const single = [
    ['db_client_connection_max', 'Connections that the pool may open.', '{connection}', 'max'],
    ['db_client_connection_pending_requests', 'Callers that wait.', '{request}', 'waiting'],
  ] as const;
  for (const [name, help, unit, key] of single) {
    meter.observable({ name, help, unit, labels: byPool }, (set) => {
      for (const current of stats()) set(current[key], { [poolLabel]: current.name });
    });
  }
}

function observeLag(meter: Meter, lags: () => readonly LagSample[]): void {
  const labels = { host: { atMost: 16 } } as const;
  const gauges = [
    ['plinth_pg_replica_lag_seconds', 'How late a replica is.', 's', 'seconds'],
    ['plinth_pg_replica_lag_bytes', 'Log that a replica has not replayed.', 'By', 'bytes'],
  ] as const;
  for (const [name, help, unit, key] of gauges) {
    meter.observable({ name, help, unit, labels }, (set) => {
      for (const lag of lags()) set(lag[key], { host: lag.host });
    });
  }
}

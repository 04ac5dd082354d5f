import type { BoundHistogram, Meter } from '@plinth/core';

import type { PoolStats } from './database.ts';

export interface PoolMetrics {
  waited(ms: number): void;
  timedOut(): void;
}

export type StatementClass = 'simple' | 'report' | 'write';
export type Outcome = 'ok' | 'problem' | 'error' | 'timeout';

export interface Metrics {
  readonly pool: PoolMetrics;
  observe(summary: string, statementClass: StatementClass, outcome: Outcome, ms: number): void;
  retried(sqlstate: string): void;
  slow(summary: string): void;
  rows(summary: string, count: number): void;
}

const summariesMax = 1_000;
const poolLabel = 'db_client_connection_pool_name';
const summary = { db_query_summary: { atMost: summariesMax } } as const;

/** Names and labels are those of the catalogue of metrics. */
export function createMetrics(meter: Meter, pool: string, stats: () => PoolStats): Metrics {
  const byPool = { [poolLabel]: { atMost: 16 } } as const;
  const ofPool = { [poolLabel]: pool };
  const duration = meter.histogram({
    name: 'db_client_operation_duration_seconds',
    help: 'Time from sending a statement to its last row.',
    unit: 's',
    labels: {
      ...summary,
      db_role: { oneOf: ['primary', 'replica'] },
      statement_class: { oneOf: ['simple', 'report', 'write'] },
      outcome: { oneOf: ['ok', 'problem', 'error', 'timeout'] },
    },
    cap: 2_000,
  });
  const waitTime = meter
    .histogram({
      name: 'db_client_connection_wait_time_seconds',
      help: 'Time until a caller had a connection.',
      unit: 's',
      labels: byPool,
    })
    .bind(ofPool);
  const timeouts = meter.counter({
    name: 'db_client_connection_timeouts_total',
    help: 'Callers that got no connection in time.',
    unit: '{timeout}',
    labels: byPool,
  });
  const retries = meter.counter({
    name: 'plinth_pg_retries_total',
    help: 'Transactions that ran again.',
    unit: '{retry}',
    labels: { sqlstate: { atMost: 64 } },
  });
  const slow = meter.counter({
    name: 'plinth_pg_slow_total',
    help: 'Statements that took longer than the slow-query bound.',
    unit: '{statement}',
    labels: summary,
  });
  const rows = meter.counter({
    name: 'plinth_pg_rows_total',
    help: 'Rows that statements returned.',
    unit: '{row}',
    labels: summary,
  });
  observePool(meter, stats);

  const bound = new Map<string, BoundHistogram>();
  return {
    pool: {
      waited: (ms) => waitTime.observe(ms / 1_000),
      timedOut: () => timeouts.add(1, ofPool),
    },
    observe(name, statementClass, outcome, ms) {
      const key = `${outcome} ${statementClass} ${name}`;
      let histogram = bound.get(key);
      if (histogram === undefined) {
        histogram = duration.bind({
          db_query_summary: name,
          db_role: 'primary',
          statement_class: statementClass,
          outcome,
        });
        bound.set(key, histogram);
      }
      histogram.observe(ms / 1_000);
    },
    retried: (sqlstate) => retries.add(1, { sqlstate }),
    slow: (name) => slow.add(1, { db_query_summary: name }),
    rows: (name, count) => rows.add(count, { db_query_summary: name }),
  };
}

function observePool(meter: Meter, stats: () => PoolStats): void {
  const byPool = { [poolLabel]: { atMost: 16 } } as const;
  meter.observable(
    {
      name: 'db_client_connection_count',
      help: 'Connections by what they do.',
      unit: '{connection}',
      labels: { ...byPool, db_client_connection_state: { oneOf: ['idle', 'used'] } },
    },
    (set) => {
      const { name, idle, used } = stats();
      set(idle, { [poolLabel]: name, db_client_connection_state: 'idle' });
      set(used, { [poolLabel]: name, db_client_connection_state: 'used' });
    },
  );
  const single = [
    ['db_client_connection_max', 'Connections that the pool may open.', '{connection}', 'max'],
    ['db_client_connection_pending_requests', 'Callers that wait.', '{request}', 'waiting'],
  ] as const;
  for (const [name, help, unit, key] of single) {
    meter.observable({ name, help, unit, labels: byPool }, (set) => {
      const current = stats();
      set(current[key], { [poolLabel]: current.name });
    });
  }
}

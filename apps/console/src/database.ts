import { readStatements, type SeriesWindow } from '@plinth/telemetry/reader';

import type { Database, Named, Pool } from './answers.ts';
import { counts, endOf, gauges, quantiles, type Values } from './figures.ts';

const statementsMax = 50;
const pool = 'db_client_connection_pool_name';
const ofPool = (metric: string, state?: 'idle' | 'used') =>
  state === undefined ? { metric } : { metric, where: { db_client_connection_state: [state] } };

/** Pools, statements, replicas and where reads went: as the processes saw it, so also while the database is down. */
export function readDatabase(windows: readonly SeriesWindow[]): Database {
  return {
    asOf: endOf(windows),
    pools: readPools(windows),
    statements: readStatements(windows).slice(0, statementsMax),
    replicas: named(gauges(windows, { metric: 'plinth_pg_replica_lag_seconds' }, 'host')),
    reads: named(counts(windows, { metric: 'plinth_pg_reads_total' }, 'route')),
    retries: named(counts(windows, { metric: 'plinth_pg_retries_total' }, 'sqlstate')),
  };
}

function readPools(windows: readonly SeriesWindow[]): Pool[] {
  const count = 'db_client_connection_count';
  const used = gauges(windows, ofPool(count, 'used'), pool, 'sum');
  const idle = gauges(windows, ofPool(count, 'idle'), pool, 'sum');
  const max = gauges(windows, ofPool('db_client_connection_max'), pool, 'sum');
  const waiting = gauges(windows, ofPool('db_client_connection_pending_requests'), pool, 'sum');
  const wait = quantiles(windows, 0.99, ofPool('db_client_connection_wait_time_seconds'), pool);
  const names = new Set([...used.keys(), ...max.keys()]);
  return [...names].toSorted().map((name) => ({
    pool: name,
    used: used.get(name) ?? null,
    idle: idle.get(name) ?? null,
    max: max.get(name) ?? null,
    waiting: waiting.get(name) ?? null,
    waitP99: wait.get(name) ?? null,
  }));
}

function named(values: Values): Named[] {
  return [...values]
    .map(([name, value]) => ({ name, value }))
    .toSorted((one, other) => other.value - one.value);
}

import { AsyncLocalStorage } from 'node:async_hooks';

import {
  noLog,
  noTelemetry,
  systemClock,
  type Clock,
  type KeyRing,
  type Log,
  type Telemetry,
} from '@plinth/core';

import { callOnce, read, runOnce, write } from './calls.ts';
import { Connection } from './connection.ts';
import { copyIn } from './copy.ts';
import type { Core } from './core.ts';
import type { Database } from './database.ts';
import { maybeOf, oneOf } from './face.ts';
import { createLists, type ListOptions } from './list/index.ts';
import { Listener } from './listener.ts';
import { createMetrics } from './metrics.ts';
import { Notifier } from './notifier.ts';
import { Pool } from './pool.ts';
import { decodeRows } from './rows.ts';
import { logSlow } from './slow.ts';
import { factsOf } from './statement-facts.ts';
import { stream } from './stream.ts';
import type { Execution } from './execution.ts';
import { targetOf } from './wire/target.ts';

export interface DatabaseOptions {
  /** `postgres://role:password@host:port/database`, a role without BYPASSRLS. */
  readonly url: string;
  /** Stands in metrics and in positions. Default `main`. */
  readonly name?: string;
  /** Connections for statements and transactions, default 10. */
  readonly poolMax?: number;
  /** A caller waits at most this long for a connection, default 2,000. */
  readonly acquireMs?: number;
  /** Bound of a statement without one of its own, default 30,000. */
  readonly commandMs?: number;
  /** Default 3. */
  readonly retries?: number;
  /** A statement that takes longer is logged, default 500. */
  readonly slowMs?: number;
  readonly applicationName?: string;
  /** Seals the cursors of lists. */
  readonly keyRing?: KeyRing;
  readonly telemetry?: Telemetry;
  readonly log?: Log;
  readonly clock?: Clock;
}

const poolMaxDefault = 10;
const acquireMsDefault = 2_000;
const commandMsDefault = 30_000;
const slowMsDefault = 500;
const retriesDefault = 3;
/** Past it the statement that was longest unused makes place: the server keeps each in memory. */
const namedMax = 256;
const drainMsDefault = 10_000;

/**
 * A database behind a pool of pipelined connections. Nothing is opened before the first call.
 *
 * @throws {Problem} from its calls only, by the table in the README.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const core = createCore(options);
  const { pool, log } = core;
  const listener = new Listener(core);
  const notifier = new Notifier(pool, log);
  const calls: ListOptions['database'] = {
    read: (context, work, o) => read(core, context, work, o),
    one: async (context, s, params) => oneOf(s, await callOnce(core, context, s, params)),
    maybe: async (context, s, params) => maybeOf(s, await callOnce(core, context, s, params)),
    many: async (context, s, params) => decodeRows(s, await callOnce(core, context, s, params)),
  };
  const lists = createLists({ database: calls, clock: core.clock, log, keyRing: options.keyRing });
  return {
    ...calls,
    ...lists,
    write: (context, work, o) => write(core, context, (tx) => work(tx), o),
    run: (context, s, params) => runOnce(core, context, s, params),
    stream: (context, statement, params, o) =>
      stream(core, context, { statement, params, chunk: o?.chunk }),
    copyIn: (context, target, rows) => copyIn(core, context, target, rows),
    listen: (channel, onMessage, onReconnect = () => undefined) =>
      listener.listen(channel, onMessage, onReconnect),
    notify: (channel) => notifier.notify(channel),
    stats: () => pool.stats(),
    async drain(deadlineMs = drainMsDefault) {
      const flushed = notifier.flush();
      const [report] = await Promise.all([pool.drain(deadlineMs), listener.close(), flushed]);
      return report;
    },
  };
}

function createCore(options: DatabaseOptions): Core {
  const { url, name = 'main', clock = systemClock, log = noLog, telemetry = noTelemetry } = options;
  const { slowMs = slowMsDefault, applicationName = 'plinth' } = options;
  const target = targetOf(url, applicationName);
  const poolName = `${name}/exclusive`;
  const metrics = createMetrics(telemetry.meter, poolName, () => pool.stats());
  const pool = new Pool({
    name: poolName,
    max: options.poolMax ?? poolMaxDefault,
    acquireMs: options.acquireMs ?? acquireMsDefault,
    clock,
    metrics: metrics.pool,
    connect: () => Connection.open({ target, namedMax, mono: () => clock.mono() }),
  });
  const report = (execution: Execution) => {
    const { statement, outcome, ms, rows } = execution;
    metrics.observe(statement.name, factsOf(statement).class, outcome, ms);
    metrics.rows(statement.name, rows);
    if (ms <= slowMs) return;
    metrics.slow(statement.name);
    logSlow(log, execution);
  };
  return {
    target,
    pool,
    clock,
    log,
    metrics,
    commandMs: options.commandMs ?? commandMsDefault,
    retries: options.retries ?? retriesDefault,
    transactions: { cluster: name, clock, report },
    writing: new AsyncLocalStorage<true>(),
  };
}

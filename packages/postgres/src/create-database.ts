import type { Clock, KeyRing, Log, Telemetry } from '@plinth/core';

import { callOnce, read, runOnce, write } from './calls.ts';
import { createCore } from './create-core.ts';
import { copyIn } from './copy.ts';
import type { Database } from './database.ts';
import { maybeOf, oneOf } from './face.ts';
import { createLists, type ListOptions } from './list/index.ts';
import { Listener } from './listener.ts';
import { Notifier } from './notifier.ts';
import { decodeRows } from './rows.ts';
import { createPositionTokens } from './position-token.ts';
import { newestPosition } from './resolve-commit.ts';
import { stream } from './stream.ts';

export interface DatabaseOptions {
  /**
   * `postgres://role:password@host:port/database`, a role without BYPASSRLS. Several hosts, with commas
   * between them, are one cluster: who leads it is found out, and reads go to its replicas.
   */
  readonly url: string;
  /** The server itself, where `url` is a pooler: for what lasts longer than a transaction, such as LISTEN. */
  readonly directUrl?: string | undefined;
  /** One replica that reads with `target: 'reporting'` have to themselves; without it they are bounded elsewhere. */
  readonly reportingUrl?: string | undefined;
  /** `unnamed` for a pooler that does not carry names: PgBouncer before 1.21. Default `named`. */
  readonly prepare?: 'named' | 'unnamed' | undefined;
  /** Stands in metrics and in positions. Default `main`. */
  readonly name?: string;
  /** Connections for statements and transactions, default 10. */
  readonly poolMax?: number;
  /** Connections that short reads share, default 4; 0: each read has one of its own. */
  readonly lanes?: number;
  /** A caller waits at most this long for a connection, default 2,000. */
  readonly acquireMs?: number;
  /** Bound of a statement without one of its own, default 30,000. */
  readonly commandMs?: number;
  /** Default 3. */
  readonly retries?: number;
  /** A statement that takes longer is logged, default 500. */
  readonly slowMs?: number;
  readonly applicationName?: string;
  /** A read waits so long for a replica to reach what its client has seen, default 50. */
  readonly waitMs?: number;
  /** A replica that is later serves nothing, default 10,000. */
  readonly maxLagMs?: number;
  /** Of the connections to the primary, how many may serve reads that no replica could; default 0.5. */
  readonly fallbackShare?: number;
  /** A write waits so long for a primary, default 15,000. */
  readonly failoverMs?: number;
  /** `http://{host}:8008/primary`: 200 where that host leads. Asked when two of one timeline do. */
  readonly primaryHint?: string | undefined;
  /** Seals the cursors of lists. */
  readonly keyRing?: KeyRing;
  readonly telemetry?: Telemetry;
  readonly log?: Log;
  readonly clock?: Clock;
}

const drainMsDefault = 10_000;
const listenMs = 30_000;

/**
 * A database behind a pool of pipelined connections. Nothing is opened before the first call.
 *
 * @throws {Problem} from its calls only, by the table in the README.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const core = createCore(options);
  const { pool, log } = core;
  const listener = new Listener({
    get target() {
      return core.targetOf(options.directUrl ?? core.hosts.primaryUrl);
    },
    clock: core.clock,
    log,
  });
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
    async listen(channel, onMessage, onReconnect = () => undefined) {
      // A standby takes no LISTEN.
      await core.hosts.primary({ signal: AbortSignal.timeout(listenMs) });
      return listener.listen(channel, onMessage, onReconnect);
    },
    notify: (channel) => notifier.notify(channel),
    positions: createPositionTokens({
      keyRing: options.keyRing,
      clock: core.clock,
      cluster: core.transactions.cluster,
      systemId: () => core.hosts.systemId,
      onRefused: () => log.debug('postgres.position_refused'),
      newest: () => newestPosition(core),
    }),
    stats: () => pool.stats(),
    async drain(deadlineMs = drainMsDefault) {
      const flushed = notifier.flush();
      const [report] = await Promise.all([pool.drain(deadlineMs), listener.close(), flushed]);
      return report;
    },
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';

import { noLog, noTelemetry, systemClock, type Clock, type Log } from '@plinth/core';

import { Connection } from './connection.ts';
import type { Core } from './core.ts';
import type { DatabaseOptions } from './create-database.ts';
import type { Execution } from './execution.ts';
import type { HostPool } from './host-pool.ts';
import type { DatabaseUrl, HostUrl } from './hosts/host-url.ts';
import { parseDatabaseUrl } from './hosts/host-url.ts';
import { Hosts } from './hosts/hosts.ts';
import { PrimaryPool } from './hosts/primary-pool.ts';
import type { ReadingNeeds } from './hosts/reading.ts';
import {
  reportingHost,
  Reports,
  reportSettings,
  reportsMax,
  withReporting,
} from './hosts/reporting.ts';
import { createMetrics, type LagSample, type Metrics } from './metrics.ts';
import type { LanesOptions } from './lanes.ts';
import { Pool } from './pool.ts';
import { laneSettings } from './scope.ts';
import { logSlow } from './slow.ts';
import { factsOf } from './statement-facts.ts';
import { targetOf, type Target } from './wire/target.ts';

const poolMaxDefault = 10;
const lanesDefault = 4;
const acquireMsDefault = 2_000;
const commandMsDefault = 30_000;
const slowMsDefault = 500;
const retriesDefault = 3;
const waitMsDefault = 50;
const maxLagMsDefault = 10_000;
const failoverMsDefault = 15_000;
const fallbackShareDefault = 0.5;
/** Past it the statement that was longest unused makes place: the server keeps each in memory. */
const namedMax = 256;
const identityText = 'select system_identifier::text from pg_control_system()';

/** Puts the pieces of one database together. @throws {Problem} `postgres.bad_url` */
export function createCore(options: DatabaseOptions): Core {
  const { name = 'main', clock = systemClock, log = noLog, telemetry = noTelemetry } = options;
  const url = withReporting(parseDatabaseUrl(options.url), options.reportingUrl);
  const applicationName = url.applicationName ?? options.applicationName ?? 'plinth';
  const targetAt = (at: string) => targetOf(at, applicationName);
  const metrics: Metrics = createMetrics(
    telemetry.meter,
    () => hosts.all.flatMap(({ pool }) => pool.stats()),
    () => lagsOf(hosts),
  );
  const hosts: Hosts = createHosts(options, { url, clock, log, metrics, targetAt });
  return {
    hosts,
    reading: readingOf(options, { hosts, clock, log, metrics, cluster: name, url }),
    reports: new Reports(),
    pool: new PrimaryPool(name, hosts),
    targetOf: targetAt,
    clock,
    log,
    metrics,
    commandMs: url.commandMs ?? options.commandMs ?? commandMsDefault,
    retries: options.retries ?? retriesDefault,
    transactions: { cluster: name, clock, report: reporter(options, metrics, log) },
    writing: new AsyncLocalStorage<true>(),
  };
}

function poolMaxOf(url: DatabaseUrl, { poolMax = poolMaxDefault }: DatabaseOptions): number {
  return url.poolMax ?? poolMax;
}

interface HostParts {
  readonly url: DatabaseUrl;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  targetAt(url: string): Target;
}

function createHosts(options: DatabaseOptions, parts: HostParts): Hosts {
  const { failoverMs = failoverMsDefault, maxLagMs = maxLagMsDefault, primaryHint } = options;
  const { clock, targetAt } = parts;
  const open = (at: string, settings: Readonly<Record<string, string>> = {}) =>
    Connection.open({
      target: { ...targetAt(at), settings },
      namedMax: options.prepare === 'unnamed' ? 0 : namedMax,
      mono: () => clock.mono(),
    });
  const connect = async (host: HostUrl) => {
    const connection = await open(host.url, host.isReporting === true ? reportSettings : {});
    if (hosts.systemId === '') void learnIdentity(hosts, connection);
    return connection;
  };
  const createPool = poolsOf(options, parts, {
    connect,
    connectLane: (host) => open(host.url, options.prepare === 'unnamed' ? {} : laneSettings),
  });
  const hosts: Hosts = new Hosts({
    ...parts,
    failoverMs,
    maxLagMs,
    primaryHint,
    createPool,
    open: (at) => open(at),
  });
  return hosts;
}

interface Connects {
  connect(host: HostUrl): Promise<Connection>;
  connectLane(host: HostUrl): Promise<Connection>;
}

function poolsOf(
  options: DatabaseOptions,
  { url, clock, metrics }: HostParts,
  { connect, connectLane }: Connects,
): (host: HostUrl) => HostPool {
  const { name = 'main', lanes: lanesMax = lanesDefault, prepare } = options;
  const isAlone = url.hosts.filter(({ isReporting }) => isReporting !== true).length === 1;
  const acquireMs = options.acquireMs ?? acquireMsDefault;
  return (host) => {
    const isForReports = host.isReporting === true;
    const ownName = isAlone ? name : host.name;
    const hostName = isForReports ? 'reporting' : ownName;
    const common = (kind: string) => {
      const poolName = `${hostName}/${kind}`;
      return { name: poolName, acquireMs, clock, metrics: metrics.pool(poolName) };
    };
    const lanes: LanesOptions = {
      ...common('lane'),
      max: lanesMax,
      hasSettings: prepare !== 'unnamed',
      connect: () => connectLane(host),
    };
    return new Pool({
      ...common('exclusive'),
      max: isForReports ? reportsMax : poolMaxOf(url, options),
      ...(lanesMax === 0 || isForReports ? {} : { lanes }),
      connect: () => connect(host),
    });
  };
}

/** Leaves with the connection's first statements, and is waited for by nobody. */
async function learnIdentity(hosts: Hosts, connection: Connection): Promise<void> {
  const { answers } = await connection.batch([{ text: identityText }]);
  const [systemId] = answers[0]?.rows[0] ?? [];
  if (typeof systemId === 'string') hosts.identify(systemId);
}

interface ReadingParts extends Pick<ReadingNeeds, 'hosts' | 'clock' | 'cluster'> {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly url: DatabaseUrl;
}

function readingOf(
  options: DatabaseOptions,
  { hosts, clock, log, metrics, cluster, url }: ReadingParts,
): ReadingNeeds {
  const { waitMs = waitMsDefault, fallbackShare = fallbackShareDefault } = options;
  return {
    hosts,
    clock,
    reporting: () => reportingHost(hosts, { nowMs: clock.mono(), recheckMs: url.recheckMs }),
    cluster,
    waitMs,
    fallbacksMax: Math.max(1, Math.floor(poolMaxOf(url, options) * fallbackShare)),
    fallbacks: { count: 0 },
    pins: new WeakMap(),
    onRoute: (route) => metrics.routed(route),
    onLost(position, why) {
      metrics.positionLost();
      log.warn('postgres.position_lost', {
        why,
        timeline: position.timeline,
        lsn: position.lsn.toString(16),
        highest: hosts.timelines.highest,
      });
    },
  };
}

function lagsOf(hosts: Hosts): LagSample[] {
  const primary = hosts.all.find(({ isPrimary }) => isPrimary);
  return hosts.all.flatMap(({ name, state, lagMs, position }) => {
    if (state !== 'standby' || lagMs === undefined) return [];
    const behind = primary === undefined ? 0n : primary.position - position;
    return [{ host: name, seconds: lagMs / 1_000, bytes: Math.max(0, Number(behind)) }];
  });
}

function reporter(
  { slowMs = slowMsDefault }: DatabaseOptions,
  metrics: Metrics,
  log: Log,
): (execution: Execution) => void {
  return (execution) => {
    const { statement, outcome, role, ms, rows, context } = execution;
    const summary = statement.name;
    metrics.observe({ summary, statementClass: factsOf(statement).class, outcome, role, ms });
    metrics.rows(summary, rows);
    const span = context.span?.child(`db ${summary}`, ms);
    span?.attribute('db.role', role);
    span?.attribute('db.rows', rows);
    span?.end(outcome === 'ok' ? 'ok' : 'error');
    if (ms <= slowMs) return;
    metrics.slow(summary);
    logSlow(log, execution);
  };
}

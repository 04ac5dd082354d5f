import {
  createLifecycle,
  Problem,
  type Loaded,
  type Log,
  type Part,
  type Phase,
} from '@plinth/core';
import {
  createHttp,
  createLimiter,
  createOps,
  httpConfig,
  purgeIdempotency,
  type Http,
} from '@plinth/http';

import { checkBudget } from '@plinth/postgres';

import { createChassis, type Chassis } from './chassis.ts';
import { serverConfig } from './config.ts';
import { foldingPart } from './folding.ts';
import { createJobsChannel } from './jobs-channel.ts';
import { liveRoutes } from './live-routes.ts';
import { createProduct, type Product } from './modules.ts';
import { partitionPart } from './partition-part.ts';
import { pingDatabase } from './ping.ts';
import { systemContext } from './system-context.ts';

export interface ServerOptions {
  readonly loaded: Loaded;
  readonly databaseUrl: string;
  readonly dataFolder: string;
  /** Of the built UI. */
  readonly assetsFolder?: string | undefined;
  readonly version: string;
  readonly log: Log;
}
export interface Server {
  readonly url: string;
  readonly opsUrl: string;
  readonly chassis: Chassis;
  readonly product: Product;
  /** @returns the exit code. */
  stop(reason: string): Promise<number>;
}

const housekeepingMs = 60_000;
const sweepMs = 3_600_000;
const jobsDrainMs = 20_000;

/** The whole wiring of a process: chassis, modules, listeners, and the order in which they begin and end. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { loaded, log } = options;
  const jobsChannel = createJobsChannel();
  const chassis = await createChassis({ ...options, onJobProgress: jobsChannel.publish });
  jobsChannel.open(chassis.realtime);
  const { check, opsPort, jobs: slots } = loaded.of(serverConfig);
  const product = createProduct(chassis, check);
  const phase = (): Phase => lifecycle.phase;
  const http = createListener(options, chassis, product, phase);
  const ops = createOps({
    listen: { host: '127.0.0.1', port: opsPort },
    telemetry: chassis.telemetry,
    phase,
    introspect: () => introspect(options, chassis, http),
  });
  const parts = [...chassisParts(chassis, slots), budgetPart(loaded, chassis), ops, http];
  const lifecycle = createLifecycle(parts, { log, clock: chassis.clock });
  await lifecycle.start();
  return {
    url: http.address(),
    opsUrl: ops.address(),
    chassis,
    product,
    stop: (reason) => lifecycle.stop(reason),
  };
}

function createListener(
  { loaded, log, assetsFolder }: ServerOptions,
  chassis: Chassis,
  { identity, modules }: Product,
  phase: () => Phase,
): Http {
  const { clock, newId, telemetry, database, keys, sessions, blobs, realtime } = chassis;
  const http = loaded.of(httpConfig);
  return createHttp({
    clock,
    newId,
    telemetry,
    database,
    keys,
    sessions,
    blobs,
    log,
    modules,
    identity,
    phase,
    config: http,
    limiter: createLimiter({ clock }),
    assets: assetsFolder,
    extraRoutes: liveRoutes(realtime),
    sessionHardMs: http.sessionHardMs,
  });
}

/** Listeners come last and go first; what drains still needs the pool, which has no drain and ends behind all. */
function chassisParts(chassis: Chassis, slots: number): Part[] {
  const { telemetry, database, messaging, jobs, realtime, cache, clock } = chassis;
  telemetry.health.add({
    name: 'database',
    severity: 'critical',
    check: (signal) => pingDatabase(chassis, signal),
  });
  const ends: (() => void)[] = [];
  return [
    {
      name: 'database',
      async start() {
        telemetry.start();
      },
      async stop() {
        await database.drain();
        telemetry.stop();
      },
    },
    { ...keysPart(chassis), needs: ['database'] },
    { name: 'cache', stop: () => cache.close() },
    {
      name: 'messaging',
      needs: ['database', 'keys', 'cache'],
      start: () => messaging.start(),
      drain: async () => void (await messaging.drain()),
    },
    {
      name: 'jobs',
      needs: ['messaging'],
      start: () => jobs.start({ queues: { default: slots } }),
      drain: async () => void (await jobs.drain(jobsDrainMs)),
    },
    {
      name: 'realtime',
      needs: ['messaging'],
      drain: async () => void (await realtime.drain()),
      stop: () => realtime.stop(),
    },
    foldingPart(chassis),
    partitionPart(chassis),
    {
      name: 'housekeeping',
      needs: ['database'],
      async start() {
        const jitterRatio = 0.2;
        ends.push(
          clock.every(housekeepingMs, () => keepHouse(chassis), { jitterRatio }),
          clock.every(sweepMs, () => attempt(chassis, () => chassis.blobs.sweep()), {
            jitterRatio,
          }),
        );
      },
      async stop() {
        for (const end of ends) end();
      },
    },
  ];
}

function keysPart({ keys }: Chassis): Part {
  return {
    name: 'keys',
    start: (signal) => keys.start?.(signal) ?? Promise.resolve(),
    stop: (signal) => keys.stop?.(signal) ?? Promise.resolve(),
  };
}

/** What all processes open together, where the topology says it; else this one alone. */
function budgetPart(loaded: Loaded, chassis: Chassis): Part {
  const { poolMax, lanes, direct, connectionsTotal } = loaded.of(serverConfig);
  // Behind a pooler only the connection that listens is the server's own.
  const ownConnections = direct === undefined ? poolMax + lanes + 1 : 1;
  const { database, log } = chassis;
  return {
    name: 'connection-budget',
    needs: ['database'],
    async start() {
      const context = systemContext(chassis, 'none');
      await checkBudget({
        database,
        context,
        log,
        connections: connectionsTotal ?? ownConnections,
      });
    },
  };
}

/** What has passed its time goes, a batch a minute. */
async function keepHouse(chassis: Chassis): Promise<void> {
  const { database, sessions, messaging } = chassis;
  await attempt(chassis, async () => {
    await purgeIdempotency(database);
    await sessions.purge();
    await messaging.maintain();
  });
}

/** The next time tries again; nothing depends on when. */
async function attempt({ log }: Chassis, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn('server.housekeeping_failed', { error: Problem.from(error).code });
  }
}

function introspect(
  { loaded, version }: ServerOptions,
  { database, cache, realtime }: Chassis,
  http: Http,
): unknown {
  return {
    role: 'all',
    version,
    node: process.versions.node,
    pools: database.stats(),
    cache: cache.stats(),
    realtime: realtime.stats(),
    http: { inFlight: http.inFlight(), admissionLimit: http.limit() },
    settings: loaded.lines.map(({ name, value, source }) => ({ name, value, source })),
  };
}

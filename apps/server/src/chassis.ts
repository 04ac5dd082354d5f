import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { createCache, type Cache } from '@plinth/cache';
import { cacheOptionsOf } from '@plinth/cache/redis';
import {
  createIds,
  systemClock,
  type Clock,
  type Loaded,
  type Log,
  type NewId,
} from '@plinth/core';
import {
  createKeyRing,
  createLoginLimiter,
  createPasswords,
  createSessionStore,
  httpConfig,
  type DatabaseKeyRing,
  type LoginLimiter,
  type Passwords,
  type SessionStore,
} from '@plinth/http';
import { createJobs, type JobProgress, type Jobs } from '@plinth/jobs';
import { createMessaging, messagingConfig, type Messaging } from '@plinth/messaging';
import { createDatabase, type Database } from '@plinth/postgres';
import { createRealtime, realtimeConfig, type Realtime } from '@plinth/realtime';
import { createFileStore, type BlobStore } from '@plinth/storage';
import { createTelemetry, type ProcessTelemetry } from '@plinth/telemetry';

import { backplaneOf } from './backplane.ts';
import { cachedTables } from './cached/cached-reads.ts';
import { dataNow } from './cached/data-position.ts';
import { forgetting } from './cached/forgetting-database.ts';
import { serverConfig } from './config.ts';
import { everyPermission } from './permissions.ts';
import { systemContext } from './system-context.ts';

/** What the modules stand on, in one process. */
export interface Chassis {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly telemetry: ProcessTelemetry;
  readonly database: Database;
  readonly keys: DatabaseKeyRing;
  readonly messaging: Messaging;
  readonly jobs: Jobs;
  readonly realtime: Realtime;
  readonly cache: Cache;
  readonly blobs: BlobStore;
  readonly sessions: SessionStore;
  readonly passwords: Passwords;
  readonly logins: LoginLimiter;
  readonly random: (bytes: number) => Buffer;
}

export interface ChassisOptions {
  readonly loaded: Loaded;
  readonly databaseUrl: string;
  readonly dataFolder: string;
  readonly version: string;
  readonly log: Log;
  onJobProgress(tenant: string | null, progress: JobProgress): void;
}

/** Creates it all; nothing is connected or listens before the parts start. */
export async function createChassis(options: ChassisOptions): Promise<Chassis> {
  const { loaded, dataFolder, version, log } = options;
  const clock = systemClock;
  const newId = createIds(clock);
  const server = loaded.of(serverConfig);
  const http = loaded.of(httpConfig);
  const telemetry = createTelemetry({ clock, log, role: 'all', version });
  // The ring reads its keys by the database, whose cursors it seals.
  const keys = createKeyRing({
    database: () => database,
    master: http.master?.reveal() ?? '',
    clock,
    log,
  });
  const plain = createDatabase({ ...databaseOptions(options), keyRing: keys, telemetry, clock });
  const cache = await createCache({
    ...cacheOptionsOf(loaded, clock, log),
    telemetry,
    strict: false,
    dataNow: () => dataNow(plain, systemContext({ clock, newId, log }, 'none')),
  });
  const database: Database = forgetting(plain, { cache, log, tables: cachedTables });
  const needs = { database, clock, newId, log, telemetry };
  const permissions = everyPermission;
  const backplane = backplaneOf(loaded, needs);
  return {
    ...needs,
    keys,
    messaging: createMessaging({ ...needs, permissions, config: loaded.of(messagingConfig) }),
    jobs: createJobs({ ...needs, onProgress: options.onJobProgress }),
    realtime: createRealtime({
      clock,
      newId,
      log,
      telemetry,
      config: loaded.of(realtimeConfig),
      ...(backplane === undefined ? {} : { backplane }),
      async positionNow() {
        const position = await database.positions.newest();
        return position && database.positions.write(position);
      },
    }),
    cache,
    blobs: createFileStore({ folder: server.blobs ?? join(dataFolder, 'blobs'), clock, newId }),
    sessions: createSessionStore({
      database,
      keys,
      clock,
      log,
      idleMs: http.sessionIdleMs,
      hardMs: http.sessionHardMs,
    }),
    passwords: createPasswords({ peppers: keys.peppers }),
    logins: createLoginLimiter({ clock }),
    random: randomBytes,
  };
}

function databaseOptions({ loaded, databaseUrl, log }: ChassisOptions) {
  const server = loaded.of(serverConfig);
  return {
    url: databaseUrl,
    directUrl: server.direct?.reveal(),
    reportingUrl: server.reporting?.reveal(),
    prepare: server.prepare,
    poolMax: server.poolMax,
    lanes: server.lanes,
    waitMs: server.waitMs,
    maxLagMs: server.maxLagMs,
    fallbackShare: server.fallbackPercent / 100,
    failoverMs: server.failoverMs,
    primaryHint: server.primaryHint,
    log,
  };
}

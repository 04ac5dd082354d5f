import type { Clock, KeyRing, Log, NewId, Phase, Telemetry } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import type { Admission } from './admission.ts';
import { createAnswers } from './answer.ts';
import { createCallers, type Identity } from './callers.ts';
import type { Chassis } from './chassis.ts';
import { createCompressor } from './compressor.ts';
import { defaultLimits, type HttpConfig, type HttpLimits } from './config.ts';
import { cookieNames } from './cookies.ts';
import { createExportSlots, type ExportSlots } from './export-route.ts';
import { createGate } from './gate.ts';
import { createIdempotency } from './idempotency.ts';
import type { Limiter, Rate } from './limiter.ts';
import { createMeasures } from './measures.ts';
import type { BoundModule, ExtraRoute } from './router.ts';
import { securityHeaders, type Build } from './security-headers.ts';
import type { SessionStore } from './sessions.ts';
import { createUploads, type UploadStore } from './uploads.ts';

export interface HttpOptions {
  readonly modules: readonly BoundModule[];
  readonly config: HttpConfig;
  readonly database: Database;
  readonly keys: KeyRing;
  readonly sessions: SessionStore;
  readonly identity: Identity;
  /** Counts requests of a session, a key, or an address. None: nothing is limited. */
  readonly limiter?: Limiter;
  /** Default 200 a second, 400 at once. */
  readonly rate?: Rate;
  /** Folder of the built UI. */
  readonly assets?: string | undefined;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Where uploads go. */
  readonly blobs?: UploadStore;
  readonly extraRoutes?: readonly ExtraRoute[];
  /** Of the process: decides what `/healthz/ready` says. Default: ready once it listens. */
  readonly phase?: () => Phase;
  readonly limits?: Partial<HttpLimits>;
  /** Default 7 d, as the sessions have it. */
  readonly sessionHardMs?: number;
  /** p90 of the waits for a connection, where it is known. */
  readonly poolWaitMs?: () => number;
}

const defaultRate: Rate = { perSecond: 200, burst: 400 };

interface Setting {
  readonly build: Build | undefined;
  readonly isHttps: boolean;
  readonly admission: Admission;
  readonly origins: ReadonlySet<string>;
  readonly isDraining: () => boolean;
}

export function createChassis(
  options: HttpOptions,
  { build, isHttps, admission, origins, isDraining }: Setting,
): Chassis & { readonly exports: ExportSlots } {
  const { config, database, keys, sessions, identity, telemetry, log, clock, newId } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const cookies = cookieNames(isHttps);
  const answers = createAnswers(securityHeaders(isHttps, build), cookies, isDraining);
  const callers = createCallers({ sessions, identity, keys, cookies, clock });
  const measures = createMeasures({ meter: telemetry.meter, log, clock, admission });
  return {
    answers,
    admission,
    callers,
    sessions,
    measures,
    keys,
    cookies,
    positions: database.positions,
    limits,
    clock,
    log,
    newId,
    gate: createGate({
      callers,
      sessions,
      origins,
      limiter: options.limiter,
      rate: options.rate ?? defaultRate,
      onLimited: () => measures.reject('rate_limit'),
    }),
    idempotency: createIdempotency({ database, clock }),
    compressor: createCompressor(answers, config.compress),
    uploads: options.blobs && createUploads({ store: options.blobs, newId }),
    exports: createExportSlots(limits),
    sessionMaxAgeS: Math.floor((options.sessionHardMs ?? 604_800_000) / 1_000),
    deadlineMs: config.deadlineMs,
  };
}

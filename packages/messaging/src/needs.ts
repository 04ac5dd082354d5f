import type { Clock, Log, NewId, Telemetry, Tracer } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import type { MessagingSettings } from './config.ts';
import type { Metrics } from './metrics.ts';

export interface MessagingNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly telemetry?: Telemetry;
  readonly config?: Partial<MessagingSettings>;
  /** What a subscriber's actor may call in other modules; default nothing. */
  readonly permissions?: ReadonlySet<string>;
}

/** What the parts of this package share. */
export interface Core {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly settings: MessagingSettings;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly permissions: ReadonlySet<string>;
  /** Names this process among those that share the leases. */
  readonly owner: string;
}

/** One database, until shards have numbers of their own. */
export const source = 0;

import type { Clock, Log, NewId, Telemetry, Tracer } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import type { MessagingSettings } from './config.ts';
import type { Breakers } from './gate.ts';
import type { Metrics } from './metrics.ts';
import type { Transport } from './transport/transport.ts';

export interface MessagingNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly telemetry?: Telemetry;
  readonly config?: Partial<MessagingSettings>;
  /** What a subscriber's actor may call in other modules; default nothing. */
  readonly permissions?: ReadonlySet<string>;
  /** Of the dependencies that subscriptions name in `needs`. */
  readonly breakers?: Breakers | undefined;
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
  readonly breakers: Breakers | undefined;
  /** None: the database itself carries events to their subscriptions. */
  readonly transport: Transport | undefined;
  /** What `plinth.lease.bound` says where the queues are this transport's. */
  readonly bound: string | null;
}

/** One database, until shards have numbers of their own. */
export const source = 0;

import type { Clock, NewId } from '@plinth/core';
import type { Jobs } from '@plinth/jobs';
import type { Messaging } from '@plinth/messaging';
import type { Context, Database } from '@plinth/postgres';
import type { Realtime } from '@plinth/realtime';
import type { BlobStore } from '@plinth/storage';

export interface CustomersNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly realtime: Realtime;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The tenant's day and zone: module identity knows them. */
  calendar(context: Context): Promise<{ readonly today: string; readonly zone: string }>;
}

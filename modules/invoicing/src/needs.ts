import type { Client } from '@plinth/contract';
import type { Clock, NewId } from '@plinth/core';
import type { customers } from '@plinth/customers';
import type { Jobs } from '@plinth/jobs';
import type { Messaging } from '@plinth/messaging';
import type { Context, Database } from '@plinth/postgres';
import type { Realtime } from '@plinth/realtime';
import type { BlobStore } from '@plinth/storage';

import type { Day } from './day.ts';

export interface InvoicingNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly jobs: Jobs;
  readonly realtime: Realtime;
  readonly blobs: BlobStore;
  readonly customers: Client<typeof customers>;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The tenant's day and IANA zone: module identity knows them. */
  calendar(context: Context): Promise<{ readonly today: Day; readonly zone: string }>;
  /** Every tenant's id, for the daily job. */
  tenants(): AsyncIterable<string>;
}

/** RFC 3339 in UTC. */
export function instantOf({ clock }: { readonly clock: Clock }): string {
  return new Date(clock.now()).toISOString();
}

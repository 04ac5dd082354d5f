import type { Client } from '@plinth/contract';
import type { Clock, Ctx, NewId } from '@plinth/core';
import type { customers } from '@plinth/customers';
import type { Jobs } from '@plinth/jobs';
import type { Messaging } from '@plinth/messaging';
import type { Database } from '@plinth/postgres';
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
  /** The tenant's day, in its own zone. */
  today(ctx: Ctx): Promise<Day>;
  /** Every tenant's id, for the daily job. */
  tenants(): AsyncIterable<string>;
}

/** RFC 3339 in UTC. */
export function instantOf({ clock }: { readonly clock: Clock }): string {
  return new Date(clock.now()).toISOString();
}

import type { Clock, Ctx, NewId } from '@plinth/core';
import type { Messaging } from '@plinth/messaging';
import type { Database } from '@plinth/postgres';
import type { Realtime } from '@plinth/realtime';

export interface PaymentsNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly realtime: Realtime;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The tenant's day, `YYYY-MM-DD`, in its own zone. */
  today(ctx: Ctx): Promise<string>;
}

/** RFC 3339 in UTC. */
export function instantOf({ clock }: { readonly clock: Clock }): string {
  return new Date(clock.now()).toISOString();
}

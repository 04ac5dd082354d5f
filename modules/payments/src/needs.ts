import type { Clock, NewId } from '@plinth/core';
import type { Messaging } from '@plinth/messaging';
import type { Context, Database } from '@plinth/postgres';
import type { Realtime } from '@plinth/realtime';

export interface PaymentsNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly realtime: Realtime;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The tenant's day, `YYYY-MM-DD`, and IANA zone: module identity knows them. */
  calendar(context: Context): Promise<{ readonly today: string; readonly zone: string }>;
}

/** RFC 3339 in UTC. */
export function instantOf({ clock }: { readonly clock: Clock }): string {
  return new Date(clock.now()).toISOString();
}

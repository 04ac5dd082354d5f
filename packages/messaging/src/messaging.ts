import type { NamedEvent } from '@plinth/contract';
import type { Actor } from '@plinth/core';

import type { Outbox } from './outbox.ts';
import type { ExternalSubscription, Subscription } from './subscription.ts';

export type Who = Pick<Actor, 'kind' | 'id'>;

/** How far one subscription is. */
export interface Lag {
  readonly subscription: string;
  /** Events sent to it and not yet handled, held ones included. */
  readonly pending: number;
  readonly held: number;
  readonly dead: number;
  /** Age of the oldest of them, seconds. */
  readonly lagSeconds: number;
  readonly pausedBy: string | null;
  readonly pausedWhy: string | null;
}

/** Dead events of one subscription, or of all, the oldest first. */
export interface DeadQuery {
  readonly subscription?: string;
  readonly name?: string;
  readonly tenant?: string;
  readonly reason?: DeadReason;
  readonly before?: Date;
}
export type DeadReason =
  | 'failed'
  | 'permanent'
  | 'bad-body'
  | 'lane-full'
  /** It came from a broker so late that nobody remembers whether it was handled. */
  | 'beyond-inbox-window';

export interface DeadLetter {
  readonly subscription: string;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly key: string;
  readonly tenant: string | null;
  readonly at: string;
  readonly attempts: number;
  readonly reason: DeadReason;
  readonly error: string;
  readonly diedAt: string;
  readonly body: unknown;
}
export type DeadSelection =
  | { readonly ids: readonly string[] }
  | { readonly where: DeadQuery }
  | { readonly all: true; readonly subscription: string };

/** What an operator does; each but `lag` and `dead` leaves a row in `plinth.message_audit`. */
export interface MessagingAdmin {
  lag(): Promise<Lag[]>;
  dead(query: DeadQuery): AsyncIterable<DeadLetter>;
  /** Sends dead events again, ahead of later held ones of their key, 1,000 a transaction, at most 200 a second. */
  redrive(selection: DeadSelection, by: Who): Promise<{ moved: number; batch: string }>;
  discard(ids: readonly string[], by: Who, why: string): Promise<number>;
  pause(subscription: string, by: Who, why: string): Promise<void>;
  resume(subscription: string, by: Who): Promise<void>;
  /** Sends every retained event since `from` again to one subscription, handled or not. */
  replay(subscription: string, from: Date, by: Who): Promise<{ count: number }>;
  /** After a restore into another cluster: every retained event is sent again, inboxes drop what was handled. */
  rebase(by: Who): Promise<{ count: number }>;
}

export interface Messaging {
  readonly outbox: Outbox;
  /** Before `start`. @throws {Problem} `messaging.bad_subscription` for a name given twice. */
  subscribe<event extends NamedEvent>(
    subscription: Subscription<event> | ExternalSubscription<event>,
  ): void;
  /** Registers the subscriptions, makes partitions for the next 7 days, begins to relay and to deliver. */
  start(): Promise<void>;
  /** Stops taking events, ends the running handlers, gives the leases back. */
  drain(deadlineMs?: number): Promise<{ finished: number; cancelled: number }>;
  /** Partitions for the next 7 days; those past their retention are dropped. For an hourly job. */
  maintain(): Promise<{ made: number; dropped: number; blocked: number }>;
  /**
   * Resolves when nothing is left to send or to handle, what handlers published included, but for what is
   * paused. For imports, seeds and tests: under a constant load it may never come. Rejects with the signal's reason.
   */
  settled(signal: AbortSignal): Promise<void>;
  readonly admin: MessagingAdmin;
}

import type { BodyOf, NamedEvent } from '@plinth/contract';
import type { Ctx, Log } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import type { Envelope } from './envelope.ts';

/** What a subscriber works with. Its effects are the statements of `tx`: they commit with the claim, or not at all. */
export interface Delivery {
  /** Under the event's tenant. */
  readonly tx: Transaction;
  /** `tx.context`: the actor is the subscription, the trace is the event's. */
  readonly ctx: Ctx;
  /** Aborted when `timeoutMs` is over, and when the process drains. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface RetryPolicy {
  /** Wait before each further attempt, ± 20 %. Default 1 s, 5 s, 30 s, 2 min, 10 min: then the event is dead. */
  readonly delaysMs?: readonly number[];
  /** True: no attempt can succeed, the event is dead at once. */
  permanent?(error: unknown): boolean;
}

export interface ParkPolicy {
  /** Held events of one key, default 1,000. */
  readonly maxHeldPerKey?: number;
  /** Past that: the subscription stops reading (default), or the first of them is dead and the key goes on. */
  readonly onFull?: 'dead' | 'pause';
  /** After a dead event its key goes on with the next (default), or waits until it is redriven or discarded. */
  readonly afterDead?: 'continue' | 'block';
}

/** One reader of events: each event takes effect in it once, in order for its key. */
export interface Subscription<event extends NamedEvent = NamedEvent> {
  /** `reporting.invoice-totals`: stable for ever, it names what was already handled. */
  readonly name: string;
  readonly event: event | readonly event[];
  /** Runs in one transaction with the claim. It may run again after a rollback. */
  handle(envelope: Envelope<BodyOf<event>>, delivery: Delivery): Promise<void>;
  /** Up to `batchMax` events of one tenant in one transaction, in order for each key. On an error they run one by one. */
  handleBatch?(envelopes: readonly Envelope<BodyOf<event>>[], delivery: Delivery): Promise<void>;
  /** Default 500, at most 1,000. */
  readonly batchMax?: number;
  /** Where a new subscription begins; default `now`. */
  readonly from?: 'now' | 'retained';
  /** Keys handled at once in each of the 16 parts, default 8. */
  readonly concurrency?: number;
  /** For one event or one batch, default 30,000. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  readonly park?: ParkPolicy;
  /**
   * Names of breakers (`MessagingNeeds.breakers`): while one is open, or after an error `resilience.circuit_open`
   * or `messaging.dependency_down`, nothing of this subscription runs and no attempt counts.
   */
  readonly needs?: readonly string[];
  /**
   * `external`: mail, payments. The claim comes after success, so it happens at least once; no transaction is
   * open meanwhile. Pass `envelope.id` on as the idempotency key.
   */
  readonly effects?: 'transactional' | 'external';
}

/** A subscriber whose effects are outside the database has no transaction. */
export interface ExternalSubscription<event extends NamedEvent = NamedEvent> extends Omit<
  Subscription<event>,
  'handle' | 'handleBatch' | 'batchMax' | 'effects'
> {
  readonly effects: 'external';
  handle(envelope: Envelope<BodyOf<event>>, delivery: Omit<Delivery, 'tx'>): Promise<void>;
}

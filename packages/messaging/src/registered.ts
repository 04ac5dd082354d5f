import type { NamedEvent } from '@plinth/contract';
import { Problem } from '@plinth/core';

import type { Gate } from './gate.ts';
import type { Delivery, ExternalSubscription, RetryPolicy, Subscription } from './subscription.ts';
import type { Envelope } from './envelope.ts';

/** A subscription with its defaults; the types of its events are checked where it was given. */
export interface Registered {
  readonly name: string;
  readonly events: ReadonlyMap<string, NamedEvent>;
  handle(envelope: Envelope, delivery: Delivery): Promise<void>;
  readonly handleBatch:
    | ((envelopes: readonly Envelope[], delivery: Delivery) => Promise<void>)
    | undefined;
  /** 1 where there is no `handleBatch`. */
  readonly batchMax: number;
  readonly from: 'now' | 'retained';
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly delaysMs: readonly number[];
  readonly isPermanent: NonNullable<RetryPolicy['permanent']>;
  readonly maxHeldPerKey: number;
  readonly onFull: 'dead' | 'pause';
  readonly blocks: boolean;
  readonly needs: readonly string[];
  /** Its effects are outside: it is claimed once it has succeeded. */
  readonly isExternal: boolean;
}

/** As it runs in this process. */
export interface Live extends Registered {
  readonly gate: Gate;
}

const defaultDelaysMs = [1_000, 5_000, 30_000, 120_000, 600_000];
const batchMaxDefault = 500;
const batchMaxMax = 1_000;
const concurrencyDefault = 8;
const timeoutMsDefault = 30_000;
const heldMaxDefault = 1_000;
const nameForm = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/u;

/** @throws {Problem} `messaging.bad_subscription` */
export function register<event extends NamedEvent>(
  subscription: Subscription<event> | ExternalSubscription<event>,
): Registered {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- decode() parses each body by its event's schema before it gets here
  const s = subscription as unknown as Subscription;
  const events = [s.event].flat();
  if (!nameForm.test(s.name)) throw bad(`${s.name}: a subscription is named module.purpose.`);
  if (events.length === 0) throw bad(`${s.name} hears no event.`);
  const { handleBatch } = s;
  return {
    name: s.name,
    events: new Map(events.map((event) => [event.name, event])),
    handle: (envelope, delivery) => s.handle(envelope, delivery),
    handleBatch: handleBatch && ((envelopes, delivery) => handleBatch.call(s, envelopes, delivery)),
    batchMax:
      handleBatch && s.effects !== 'external'
        ? Math.min(s.batchMax ?? batchMaxDefault, batchMaxMax)
        : 1,
    ...policiesOf(s),
  };
}

function policiesOf(subscription: Subscription) {
  const { from, concurrency, timeoutMs, retry = {}, park = {} } = subscription;
  return {
    needs: subscription.needs ?? [],
    isExternal: subscription.effects === 'external',
    from: from ?? 'now',
    concurrency: concurrency ?? concurrencyDefault,
    timeoutMs: timeoutMs ?? timeoutMsDefault,
    delaysMs: retry.delaysMs ?? defaultDelaysMs,
    isPermanent: (error: unknown) => retry.permanent?.(error) ?? false,
    maxHeldPerKey: park.maxHeldPerKey ?? heldMaxDefault,
    onFull: park.onFull ?? 'pause',
    blocks: park.afterDead === 'block',
  };
}

export function bad(message: string): Problem {
  return new Problem(message, { code: 'messaging.bad_subscription', kind: 'internal' });
}

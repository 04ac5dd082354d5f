import type { BodyOf, NamedEvent } from '@plinth/contract';

/** Who caused an event: of the context in which it was published. */
export interface EventActor {
  readonly kind: 'user' | 'key' | 'system' | 'operator' | 'anonymous';
  readonly id: string;
}

/** An event as a subscriber gets it. */
export interface Envelope<body = unknown> {
  /** UUIDv7; the idempotency key to pass on to a system outside. */
  readonly id: string;
  /** `invoicing.invoice-issued` */
  readonly name: string;
  readonly version: number;
  readonly key: string | null;
  /** 0…15, of the key's hash. */
  readonly part: number;
  /** Null: published outside any tenant. */
  readonly tenant: string | null;
  /** RFC 3339 with ms, of the publisher's clock. */
  readonly at: string;
  readonly actor: EventActor | null;
  /** The request in which it was published. */
  readonly reqId: string;
  readonly traceparent?: string;
  /** The request at the root of the chain of events. */
  readonly correlation: string;
  /** The event whose handler published this one. */
  readonly causation: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Rises with the commits of one key; a bigint as text. */
  readonly seq: string;
  /** The database that the event comes from; 0 where there is one. */
  readonly src: number;
  /** 1 at first; a retry counts on. */
  readonly attempt: number;
  /** It was dead and somebody sent it again: later events of its key may have been handled before it. */
  readonly redriven: boolean;
  readonly body: body;
}

/** Tells which event an envelope of a subscription to several holds. */
export function isEvent<event extends NamedEvent>(
  envelope: Envelope,
  event: event,
): envelope is Envelope<BodyOf<event>> {
  return envelope.name === event.name;
}

export { isEvent, type Envelope, type EventActor } from './envelope.ts';
export type {
  DeadLetter,
  DeadQuery,
  DeadReason,
  DeadSelection,
  Lag,
  Messaging,
  MessagingAdmin,
} from './messaging.ts';
export type { Outbox, PublishOptions } from './outbox.ts';
export type { Delivery, ParkPolicy, RetryPolicy, Subscription } from './subscription.ts';

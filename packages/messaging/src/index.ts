export { messagingConfig, type MessagingSettings } from './config.ts';
export { createMessaging } from './create-messaging.ts';
export type { Breakers } from './gate.ts';
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
export { migrations } from './migrations.ts';
export type { MessagingNeeds } from './needs.ts';
export type { Outbox, PublishOptions } from './outbox.ts';
export type {
  Delivery,
  ExternalSubscription,
  ParkPolicy,
  RetryPolicy,
  Subscription,
} from './subscription.ts';

import { defineConfig, env, envOptional, envSecret, wholeNumber, type Secret } from '@plinth/core';
import { z } from '@plinth/core/z';

const transports = ['postgres', 'rabbitmq', 'kafka', 'memory'] as const;

export interface MessagingSettings {
  /** How events reach their subscribers. */
  readonly transport: (typeof transports)[number];
  readonly amqpUrl: Pick<Secret, 'reveal'> | undefined;
  /** `host:port,host:port` */
  readonly kafkaBrokers: string | undefined;
  /** Days that events are kept after they were sent. */
  readonly retentionDays: number;
  /** Days that a handled event is remembered; more than the retention. */
  readonly inboxDays: number;
  /** Events a page of the relay. */
  readonly pageRows: number;
  /** Between two looks when nobody wakes us; idle it backs off to four times that. */
  readonly pollMs: number;
  /** Handler transactions at once in the process. */
  readonly handlersMax: number;
  /** Events in memory, of all subscriptions. */
  readonly prefetchRows: number;
  /** How long a part stays with a process that says nothing. */
  readonly leaseMs: number;
  /** Whether this process relays; one of all must. */
  readonly relays: boolean;
  readonly drainMs: number;
  readonly bodyBytesMax: number;
  /** Name of a point at which the process kills itself: for tests of what a crash leaves. */
  readonly crashAt: string | undefined;
}

export const defaultSettings: MessagingSettings = {
  transport: 'postgres',
  amqpUrl: undefined,
  kafkaBrokers: undefined,
  retentionDays: 3,
  inboxDays: 14,
  pageRows: 1_000,
  pollMs: 250,
  handlersMax: 4,
  prefetchRows: 4_096,
  leaseMs: 15_000,
  relays: true,
  drainMs: 20_000,
  bodyBytesMax: 262_144,
  crashAt: undefined,
};

const { retentionDays, inboxDays, pageRows, pollMs, handlersMax } = defaultSettings;
const { prefetchRows, drainMs, bodyBytesMax } = defaultSettings;

export const messagingConfig = defineConfig('messaging', {
  transport: env('MESSAGING_TRANSPORT', z.enum(transports), {
    default: 'postgres',
    doc: 'How events reach their subscribers; memory is for tests.',
  }),
  amqpUrl: envSecret('AMQP_URL', z.url({ protocol: /^amqps?$/u }), {
    doc: 'RabbitMQ, where it carries the events: amqp://user:password@host:port.',
  }),
  kafkaBrokers: envOptional('KAFKA_BROKERS', z.string().max(1_000), {
    doc: 'Kafka, where it carries the events: host:port,host:port.',
  }),
  retentionDays: env('MESSAGING_RETENTION_DAYS', wholeNumber(1, 90), {
    default: retentionDays,
    doc: 'Days that events are kept after they were sent.',
  }),
  inboxDays: env('MESSAGING_INBOX_DAYS', wholeNumber(2, 180), {
    default: inboxDays,
    doc: 'Days that a handled event is remembered; more than the retention.',
  }),
  pageRows: env('MESSAGING_PAGE', wholeNumber(1, 10_000), {
    default: pageRows,
    doc: 'Events that the relay sends in one transaction.',
  }),
  pollMs: env('MESSAGING_POLL_MS', wholeNumber(10, 60_000), {
    default: pollMs,
    doc: 'Between two looks for new events when nobody wakes the process.',
  }),
  handlersMax: env('MESSAGING_HANDLERS', wholeNumber(1, 64), {
    default: handlersMax,
    doc: 'Transactions of subscribers at once in a process; each takes a connection.',
  }),
  prefetchRows: env('MESSAGING_PREFETCH', wholeNumber(16, 100_000), {
    default: prefetchRows,
    doc: 'Events that a process keeps in memory for its subscribers.',
  }),
  drainMs: env('MESSAGING_DRAIN_MS', wholeNumber(0, 60_000), {
    default: drainMs,
    doc: 'How long running subscribers may take to end when the process stops.',
  }),
  bodyBytesMax: env('MESSAGING_MAX_BODY', wholeNumber(1_024, 1_048_576), {
    default: bodyBytesMax,
    doc: 'Bytes of JSON that an event may have.',
  }),
  crashAt: envOptional('PLINTH_CRASH_AT', z.string().max(64), {
    doc: 'A point at which the process kills itself: for tests of what a crash leaves.',
  }),
});

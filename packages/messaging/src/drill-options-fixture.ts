import type { MessagingSettings } from './config.ts';

export type Role = 'publisher' | 'relay' | 'consumer';

export interface Place {
  /** Role plinth_app. */
  readonly url: string;
  readonly transport: 'postgres' | 'rabbitmq' | 'kafka';
  /** Of the broker, where there is one. */
  readonly address: string | undefined;
  /** Of the subscriptions, so that drills on one broker do not meet. */
  readonly name: string;
  /** Relays that read the outbox by `seq > last`. */
  readonly isMutant: boolean;
}

export interface WorkerOptions extends Place {
  readonly role: Role;
  readonly crashAt: string | undefined;
}

export function workerOptions(json: string): WorkerOptions {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the drill itself wrote it
  return JSON.parse(json) as WorkerOptions;
}

/** Short leases: a drill waits for their end after each death. */
export function drillSettings({ transport, address }: Place): Partial<MessagingSettings> {
  const given = address ?? '';
  return {
    transport,
    pollMs: 25,
    pageRows: 50,
    leaseMs: 2_000,
    amqpUrl: transport === 'rabbitmq' ? { reveal: () => given } : undefined,
    kafkaBrokers: transport === 'kafka' ? given : undefined,
  };
}

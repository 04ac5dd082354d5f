import type { MessagingSettings } from './config.ts';
import { bad } from './registered.ts';
import { createKafkaTransport } from './transport/kafka.ts';
import { createMemoryTransport } from './transport/memory.ts';
import { createRabbitTransport } from './transport/rabbitmq.ts';
import type { Transport } from './transport/transport.ts';

/**
 * The chosen transport; none: the database itself.
 *
 * @throws {Problem} `messaging.bad_subscription` where its address is missing.
 */
export function openTransport(settings: MessagingSettings, owner: string): Transport | undefined {
  const open = {
    postgres: () => undefined,
    memory: () => createMemoryTransport(owner),
    rabbitmq: () => createRabbitTransport(given(settings.amqpUrl?.reveal(), 'AMQP_URL')),
    kafka: () => createKafkaTransport(given(settings.kafkaBrokers, 'KAFKA_BROKERS')),
  };
  return open[settings.transport]();
}

function given(address: string | undefined, name: string): string {
  if (address !== undefined) return address;
  throw bad(`${name} names no broker.`);
}

import type { Admin, Consumer as Client } from '@platformatic/kafka';

import { brokerAway, within } from './broker-away.ts';
import { Fetcher } from './kafka-fetcher.ts';
import { createPublisher } from './kafka-publisher.ts';
import { checkPlace, makeTopic, placeOf } from './kafka-topics.ts';
import type { Transport } from './transport.ts';

const adminMs = 5_000;
const closeMs = 1_000;
const retriesMax = 2;
const retryMs = 50;

/** What every client of a process begins with. */
export interface KafkaBase {
  readonly clientId: string;
  readonly bootstrapBrokers: string[];
  readonly retries: number;
  readonly retryDelay: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly autocreateTopics: boolean;
}

/** What a process has open towards the brokers. */
interface Clients {
  readonly admin: Admin;
  readonly client: Client;
  readonly fetcher: Fetcher;
}

/**
 * Kafka: a topic of 16 partitions a subscription, every replica confirms, the producer is idempotent. Where
 * reading goes on stands in the database, with the lease, so no consumer group is needed.
 *
 * @param brokers `host:port,host:port`
 * @throws {Error} on the first use where the optional package `@platformatic/kafka` is not installed.
 */
export function createKafkaTransport(brokers: string): Transport {
  const base: KafkaBase = {
    clientId: 'plinth',
    bootstrapBrokers: brokers.split(','),
    retries: retriesMax,
    retryDelay: retryMs,
    connectTimeout: adminMs,
    requestTimeout: adminMs,
    autocreateTopics: false,
  };
  let opening: Promise<Clients> | undefined;
  const open = () => (opening ??= openClients(base));
  const publisher = createPublisher(base, async () => (await open()).admin);

  return {
    name: 'kafka',
    boundAs: 'kafka',
    publish: (page, signal) => publisher.publish(page, signal),
    async bind(queue) {
      const { admin, client } = await open();
      try {
        return await within(adminMs * 2, makeTopic(admin, client, queue), () =>
          brokerAway('kafka', `${queue.name} is not made within ${adminMs * 2} ms.`),
        );
      } catch (error) {
        throw brokerAway('kafka', error);
      }
    },
    async consume(queue, options) {
      const { client, fetcher } = await open();
      const begin = placeOf(options.cursor);
      const place =
        begin &&
        (await within(adminMs, checkPlace(client, queue, begin), tooLong).catch(
          () => 'away' as const,
        ));
      if (place === undefined || place === 'away') {
        options.onEnd(place ?? 'missing');
        return { cursor: () => options.cursor, stop: async () => undefined };
      }
      return fetcher.add(queue, place, options);
    },
    async close() {
      const clients = await opening?.catch(() => undefined);
      opening = undefined;
      await clients?.fetcher.stop();
      const closing = [publisher.close(), clients?.client.close(true), clients?.admin.close()];
      const ended = Promise.allSettled(closing.map((one) => Promise.resolve(one)));
      await within(closeMs, ended, tooLong).catch(() => undefined);
    },
  };
}

const tooLong = () => new Error('It took too long.');

async function openClients(base: KafkaBase): Promise<Clients> {
  const { Admin, Consumer } = await import('@platformatic/kafka');
  const admin = new Admin(base);
  // It joins no group: leases say who reads what.
  const client = new Consumer({ ...base, groupId: 'plinth' });
  return { admin, client, fetcher: new Fetcher(client) };
}

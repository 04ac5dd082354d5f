import type { Admin, Producer } from '@platformatic/kafka';

import { brokerAway, within } from './broker-away.ts';
import type { KafkaBase } from './kafka.ts';
import { topicOf, type Outbound, type Queue, type Transport } from './transport.ts';

const publishMs = 4_000;
const listMs = 5_000;
/** Of one request, below the broker's usual limit of a batch. */
const requestBytesMax = 900_000;

const tooLong = () => new Error('It took too long.');

type Publisher = Pick<Transport, 'publish' | 'close'>;

/** A producer that is given up with its first failure: what it has on the way is sent again by the next. */
export function createPublisher(base: KafkaBase, getAdmin: () => Promise<Admin>): Publisher {
  let producing: Promise<Producer> | undefined;
  const open = async () => {
    const { Producer } = await import('@platformatic/kafka');
    return new Producer({ ...base, idempotent: true });
  };
  return {
    async publish(page, signal) {
      producing ??= open();
      const mine = producing;
      try {
        const producer = await mine;
        for (const request of requestsOf(page)) {
          signal.throwIfAborted();
          await within(publishMs, send(producer, request), tooLong);
        }
        return [];
      } catch (error) {
        if (producing === mine) producing = undefined;
        mine.then((producer) => producer.close(true)).catch(() => undefined);
        return withoutTopic(await getAdmin(), page, error);
      }
    },
    async close() {
      const producer = await producing?.catch(() => undefined);
      producing = undefined;
      await producer?.close(true);
    },
  };
}

function* requestsOf(page: readonly Outbound[]): Iterable<Outbound[]> {
  let request: Outbound[] = [];
  let bytes = 0;
  for (const message of page) {
    if (request.length > 0 && bytes + message.body.length > requestBytesMax) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(message);
    bytes += message.body.length;
  }
  if (request.length > 0) yield request;
}

async function send(producer: Producer, request: readonly Outbound[]): Promise<void> {
  await producer.send({
    acks: -1,
    messages: request.map((message) => ({
      topic: topicOf(message),
      partition: message.part,
      key: Buffer.from(message.lane),
      value: message.body,
    })),
  });
}

/** Queues whose topic is gone have refused; any other failure is the broker's. */
async function withoutTopic(
  admin: Admin,
  page: readonly Outbound[],
  cause: unknown,
): Promise<Queue[]> {
  try {
    const topics = new Set(await within(listMs, admin.listTopics(), tooLong));
    const queues = new Map(page.map(({ name, part }) => [`${name}.${part}`, { name, part }]));
    const refused = [...queues.values()].filter((queue) => !topics.has(topicOf(queue)));
    if (refused.length > 0) return refused;
  } catch {
    // It does not answer at all: told below, with what began it.
  }
  throw brokerAway('kafka', cause);
}

import type { Admin, Consumer as Client } from '@platformatic/kafka';

import type { Place } from './kafka-fetcher.ts';
import { topicOf, type Queue } from './transport.ts';

const partCount = 16;
const messageBytesMax = 2_097_152;
/** Timestamps that stand for an end of the log. */
const latest = -1n;
const earliest = -2n;

/** @returns the place behind all that it holds. */
export async function makeTopic(admin: Admin, client: Client, queue: Queue): Promise<string> {
  const topic = topicOf(queue);
  const known = await admin.listTopics();
  if (!known.includes(topic)) {
    const configs = [{ name: 'max.message.bytes', value: String(messageBytesMax) }];
    // Several owners of its parts may be at it.
    await admin
      .createTopics({ topics: [topic], partitions: partCount, replicas: -1, configs })
      .catch(async (error: unknown) => {
        if (!(await admin.listTopics()).includes(topic)) throw error;
      });
  }
  const { id, end } = await offsetsOf(client, queue, latest);
  return `${id}:${end}`;
}

async function offsetsOf(client: Client, queue: Queue, timestamp: bigint) {
  const topic = topicOf(queue);
  const metadata = await client.metadata({ topics: [topic], forceUpdate: true });
  const partitions = { [topic]: [queue.part] };
  const offsets = await client.listOffsets({ topics: [topic], partitions, timestamp });
  const end = offsets.get(topic)?.find((offset) => offset >= 0n) ?? 0n;
  return { id: metadata.topics.get(topic)?.id ?? '', end };
}

export function placeOf(cursor: string | undefined): Place | undefined {
  const [id, offset] = cursor?.split(':') ?? [];
  return id === undefined || offset === undefined ? undefined : { id, offset: BigInt(offset) };
}

/** Undefined: the topic is another, or no longer holds that place. */
export async function checkPlace(
  client: Client,
  queue: Queue,
  place: Place,
): Promise<Place | undefined> {
  const first = await offsetsOf(client, queue, earliest);
  const last = await offsetsOf(client, queue, latest);
  const isThere = first.id === place.id && place.offset >= first.end && place.offset <= last.end;
  return isThere ? place : undefined;
}

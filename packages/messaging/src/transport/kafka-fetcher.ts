import type { Consumer as Client } from '@platformatic/kafka';

import { topicOf, type Consumer, type ConsumeOptions, type Queue } from './transport.ts';

/** A topic by its id, which a new one of the same name does not have, and where in a partition. */
export interface Place {
  readonly id: string;
  readonly offset: bigint;
}

const waitMs = 100;
const partitionBytesMax = 1_048_576;
const requestBytesMax = 8_388_608;

type Batches = NonNullable<
  Awaited<ReturnType<Client['fetch']>>['responses'][number]['partitions'][number]['records']
>;

/** One partition that is read. */
class Reading {
  readonly queue: Queue;
  readonly topicId: string;
  readonly #options: ConsumeOptions;
  readonly #wake: () => void;
  #next: bigint;
  /** Given out and not yet acknowledged. */
  readonly #open = new Set<bigint>();
  /** Fetched and not yet given out. */
  readonly #ahead: { readonly offset: bigint; readonly body: Buffer }[] = [];
  #isOver = false;

  constructor(queue: Queue, from: Place, options: ConsumeOptions, wake: () => void) {
    this.queue = queue;
    this.topicId = from.id;
    this.#next = from.offset;
    this.#options = options;
    this.#wake = wake;
  }

  get next(): bigint {
    return this.#next;
  }

  get wantsMore(): boolean {
    return this.#ahead.length === 0 && this.#hasRoom;
  }

  get #hasRoom(): boolean {
    return !this.#isOver && this.#open.size < this.#options.credit;
  }

  /** Behind everything that is done with: what is open may come again, what is before it never. */
  cursor(): string {
    let least = this.#ahead[0]?.offset ?? this.#next;
    for (const offset of this.#open) if (offset < least) least = offset;
    return `${this.topicId}:${least}`;
  }

  take(batches: Batches): void {
    for (const { firstOffset, lastOffsetDelta, records } of batches) {
      // A batch is given whole, also where it begins before what was asked for.
      for (const { offsetDelta, value } of records) {
        const offset = firstOffset + BigInt(offsetDelta);
        if (offset >= this.#next && value !== null) this.#ahead.push({ offset, body: value });
      }
      const behind = firstOffset + BigInt(lastOffsetDelta) + 1n;
      if (behind > this.#next) this.#next = behind;
    }
    this.#give();
  }

  end(why: 'missing' | 'away' | 'stopped'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (why !== 'stopped') this.#options.onEnd(why);
  }

  #give(): void {
    while (this.#hasRoom) {
      const record = this.#ahead.shift();
      if (record === undefined) return;
      const { offset, body } = record;
      this.#open.add(offset);
      const ack = () => {
        if (!this.#open.delete(offset)) return;
        this.#give();
        this.#wake();
      };
      this.#options.onMessage({ body, ack });
    }
  }
}

/** Reads all partitions of a process, by one request at a time to each broker. */
export class Fetcher {
  readonly #client: Client;
  readonly #readings = new Set<Reading>();
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(client: Client) {
    this.#client = client;
  }

  add(queue: Queue, from: Place, options: ConsumeOptions): Consumer {
    const reading = new Reading(queue, from, options, () => this.#wakeUp());
    this.#readings.add(reading);
    this.#running ??= this.#run();
    this.#wakeUp();
    return {
      cursor: () => reading.cursor(),
      stop: async () => {
        reading.end('stopped');
        this.#readings.delete(reading);
      },
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#readings.clear();
    this.#wakeUp();
    await this.#running;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #isOver(): boolean {
    return this.#isStopped;
  }

  async #run(): Promise<void> {
    while (!this.#isOver()) {
      const wanted = [...this.#readings].filter((reading) => reading.wantsMore);
      if (wanted.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
        continue;
      }
      try {
        await this.#fetch(wanted);
      } catch {
        // Whose partition it was is found out when its owner reads it again.
        for (const reading of wanted) {
          this.#readings.delete(reading);
          reading.end('away');
        }
      }
    }
  }

  async #fetch(wanted: readonly Reading[]): Promise<void> {
    const topics = [...new Set(wanted.map(({ queue }) => topicOf(queue)))];
    const metadata = await this.#client.metadata({ topics });
    const byNode = Map.groupBy(wanted, ({ queue }) => {
      const partition = metadata.topics.get(topicOf(queue))?.partitions[queue.part];
      return partition?.leader ?? -1;
    });
    await Promise.all([...byNode].map(([node, readings]) => this.#fetchFrom(node, readings)));
  }

  async #fetchFrom(node: number, readings: readonly Reading[]): Promise<void> {
    const topics = [...Map.groupBy(readings, ({ topicId }) => topicId)].map(([topicId, of]) => ({
      topicId,
      partitions: of.map(({ queue, next }) => ({
        partition: queue.part,
        currentLeaderEpoch: -1,
        fetchOffset: next,
        lastFetchedEpoch: -1,
        partitionMaxBytes: partitionBytesMax,
      })),
    }));
    const limits = { minBytes: 1, maxBytes: requestBytesMax, maxWaitTime: waitMs };
    const answer = await this.#client.fetch({ node, topics, ...limits });
    const byPlace = new Map(
      readings.map((reading) => [placeKey(reading.topicId, reading.queue.part), reading]),
    );
    for (const { topicId, partitions } of answer.responses) {
      for (const { partitionIndex, records } of partitions) {
        byPlace.get(placeKey(topicId, partitionIndex))?.take(records ?? []);
      }
    }
  }
}

const placeKey = (topicId: string, part: number) => `${topicId} ${part}`;

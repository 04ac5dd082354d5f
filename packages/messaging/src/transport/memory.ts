import { queueName, type Consumer, type ConsumeOptions, type Transport } from './transport.ts';

/** A queue and who reads it. */
class Line {
  readonly #waiting: Buffer[] = [];
  /** Given out and not yet acknowledged, in order. */
  readonly #open = new Set<Buffer>();
  #reader: ConsumeOptions | undefined;

  push(body: Buffer): void {
    // A copy: two messages may be equal, and each is acknowledged by itself.
    this.#waiting.push(Buffer.from(body));
  }

  read(options: ConsumeOptions): Consumer {
    this.#waiting.unshift(...this.#open);
    this.#open.clear();
    this.#reader = options;
    this.give();
    return {
      cursor: () => undefined,
      stop: async () => {
        if (this.#reader === options) this.#reader = undefined;
      },
    };
  }

  give(): void {
    while (this.#reader !== undefined && this.#open.size < this.#reader.credit) {
      const body = this.#waiting.shift();
      if (body === undefined) return;
      this.#open.add(body);
      const ack = () => {
        if (this.#open.delete(body)) this.give();
      };
      this.#reader.onMessage({ body, ack });
    }
  }
}

/**
 * Queues in this process, for tests: they end with it, and the next start finds in the outbox what was in
 * them. One process a database.
 *
 * @param owner told apart from the queues of an earlier process.
 */
export function createMemoryTransport(owner: string): Transport {
  const lines = new Map<string, Line>();
  return {
    name: 'memory',
    boundAs: `memory:${owner}`,
    async publish(page) {
      for (const message of page) lines.get(queueName(message))?.push(message.body);
      for (const line of lines.values()) line.give();
      return page.filter((message) => !lines.has(queueName(message)));
    },
    async bind(queue) {
      lines.set(queueName(queue), new Line());
      return undefined;
    },
    async consume(queue, options): Promise<Consumer> {
      const line = lines.get(queueName(queue));
      if (line !== undefined) return line.read(options);
      options.onEnd('missing');
      return { cursor: () => undefined, stop: async () => undefined };
    },
    async close() {
      lines.clear();
    },
  };
}

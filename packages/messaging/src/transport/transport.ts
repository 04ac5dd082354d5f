/** The part of a subscription that one process reads at a time. */
export interface Queue {
  /** The subscription's name. */
  readonly name: string;
  /** 0…15 */
  readonly part: number;
}

export interface Outbound extends Queue {
  /** Messages of one lane keep their order. */
  readonly lane: string;
  readonly body: Buffer;
}

export interface Inbound {
  readonly body: Buffer;
  /** It is handled, or written down: it does not come again. */
  ack(): void;
}

export interface ConsumeOptions {
  /** What `bind` gave, or what the consumer before told. */
  readonly cursor: string | undefined;
  /** Messages without `ack` at once; then no more come. */
  readonly credit: number;
  onMessage(message: Inbound): void;
  /** `missing`: the queue is gone or ill and must be bound anew. `away`: the broker is not there. Nothing comes after it. */
  onEnd(why: 'missing' | 'away'): void;
}

export interface Consumer {
  /** Where reading goes on behind what has its `ack`, for a broker that does not remember it. */
  cursor(): string | undefined;
  /** What has no `ack` comes again, to whoever consumes next, before anything newer. */
  stop(): Promise<void>;
}

/**
 * Carries messages from the relay to the owners of queues. A pipe: what fails, waits or is dead stands in
 * the database.
 *
 * Promised: what `publish` has not refused is durable, in the order given for each queue; a message comes at
 * least once, the first times in that order.
 */
export interface Transport {
  readonly name: string;
  /** Written in `plinth.lease.bound`: whose queues they are. */
  readonly boundAs: string;
  /**
   * Resolves when every message is durable or refused.
   *
   * @returns the queues that have refused one: missing, or without an answer.
   * @throws {Problem} `messaging.broker_away`; any number of them may have arrived.
   */
  publish(page: readonly Outbound[], signal: AbortSignal): Promise<readonly Queue[]>;
  /** Makes the queue anew, empty. @returns where reading begins. */
  bind(queue: Queue, signal: AbortSignal): Promise<string | undefined>;
  consume(queue: Queue, options: ConsumeOptions): Promise<Consumer>;
  close(): Promise<void>;
}

/** `{subscription}.{part}` */
export function queueName({ name, part }: Queue): string {
  return `${name}.${part}`;
}

/** `plinth.{subscription}`: a topic for each, so that a subscription to several modules has one order too. */
export function topicOf({ name }: Pick<Queue, 'name'>): string {
  return `plinth.${name}`;
}

import { Problem, type Clock, type Log, type NewId } from '@plinth/core';

import type { Backplane, Follower, Message, Placed, Who } from '../backplane.ts';
import {
  fieldsOf,
  offsetOf,
  readEntries,
  readStreams,
  type Entry,
  type Read,
} from './stream-entries.ts';

/** What is used of a client of Redis, as ioredis gives it. */
export interface RedisClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** @param reconnect whether it shall come back. */
  disconnect(reconnect?: boolean): void;
}

export interface RedisBackplaneNeeds {
  /**
   * A new connection: one appends, one follows. It comes back by itself, and must not send a command again that
   * was under way when it broke (ioredis: `autoResendUnfulfilledCommands: false`, `maxRetriesPerRequest: 0`).
   */
  connect(): RedisClient;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** Default `plinth`. */
  readonly ns?: string;
}

const keptMessages = 20_000;
const windowMessages = 10_000;
const readMessages = 1_000;
const blockMs = 5_000;
/** A connection that says nothing for so long is dead: a blocking read answers after 5 s at the latest. */
const silentMs = 10_000;
const pauseMs = 250;
/** A publisher waits no longer: its message goes on waiting in the queue. */
const patienceMs = 1_000;
const queueMax = 10_000;
const epochCharacters = 12;

/** Messages of all processes through a stream of Redis: whoever was cut off for a moment reads on where it was. */
export function createRedisBackplane(needs: RedisBackplaneNeeds): Backplane {
  return new RedisBackplane(needs);
}

interface Waiting {
  readonly entry: Entry;
  readonly number: number;
  readonly sent: PromiseWithResolvers<void>;
}

class RedisBackplane implements Backplane {
  readonly #needs: RedisBackplaneNeeds;
  readonly #key: string;
  readonly #origin: string;
  readonly #ending = new AbortController();
  /** Numbers of what was shown here before it was in the stream. */
  readonly #shown = new Set<number>();
  readonly #queue: Waiting[] = [];
  readonly #tasks: Promise<void>[] = [];
  #clients: RedisClient[] = [];
  #wake = Promise.withResolvers<void>();
  #follower: Follower | undefined;
  #number = 0;
  #hasLost = false;
  #epoch = '';
  #lastId = '0-0';
  isUp = false;
  lagMs = 0;

  constructor(needs: RedisBackplaneNeeds) {
    this.#needs = needs;
    this.#key = `${needs.ns ?? 'plinth'}:rt:0`;
    this.#origin = needs.newId();
  }

  follow(follower: Follower): void {
    this.#follower = follower;
    const [reader, writer] = [this.#needs.connect(), this.#needs.connect()];
    this.#clients = [reader, writer];
    this.#tasks.push(this.#forEver(() => this.#read(reader)));
    this.#tasks.push(this.#forEver(() => this.#write(writer)));
  }

  append(message: Message): Promise<void> {
    return this.#enqueue({ kind: 'message', message });
  }

  revoke(who: Who, why: 'revoked' | 'expired'): Promise<void> {
    return this.#enqueue({ kind: 'revoke', who, why });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#wake.resolve();
    for (const client of this.#clients) client.disconnect();
    await Promise.all(this.#tasks);
  }

  async #enqueue(entry: Entry): Promise<void> {
    this.#number += 1;
    const waiting = { entry, number: this.#number, sent: Promise.withResolvers<void>() };
    if (this.#queue.length >= queueMax) {
      // Its readers elsewhere never hear of it: when the stream is back all ask again.
      this.#queue.shift()?.sent.resolve();
      this.#hasLost = true;
    }
    this.#queue.push(waiting);
    this.#wake.resolve();
    if (!this.isUp) this.#show();
    await Promise.race([waiting.sent.promise, this.#patience()]);
  }

  async #patience(): Promise<void> {
    await this.#needs.clock.sleep(patienceMs, this.#ending.signal).catch(ignoreAbort);
  }

  /** While the stream is away, the readers here hear what is said here. */
  #show(): void {
    for (const { entry, number } of this.#queue) {
      if (entry.kind !== 'message' || this.#shown.has(number)) continue;
      this.#shown.add(number);
      this.#follower?.show(entry.message);
    }
  }

  async #forEver(work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#needs;
    const { signal } = this.#ending;
    const isStopped = () => signal.aborted;
    while (!isStopped()) {
      try {
        await work();
      } catch (error) {
        if (this.isUp && !isStopped())
          log.warn('realtime.backplane_lost', { reason: Problem.from(error).message });
        this.isUp = false;
        this.#show();
        await clock.sleep(pauseMs, signal).catch(ignoreAbort);
      }
    }
  }

  async #write(client: RedisClient): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const [first] = this.#queue;
      if (first === undefined) {
        this.#wake = Promise.withResolvers<void>();
        await this.#wake.promise;
        continue;
      }
      if (this.#hasLost) await this.#add(client, { kind: 'reset' }, 0);
      this.#hasLost = false;
      const batch = this.#queue.slice(0, readMessages);
      await Promise.all(batch.map(({ entry, number }) => this.#add(client, entry, number)));
      // What a full queue dropped meanwhile is not here any more.
      for (const one of batch) if (this.#queue[0] === one) this.#queue.shift();
      for (const { sent } of batch) sent.resolve();
    }
  }

  async #ask(client: RedisClient, command: string, ...args: (string | number)[]): Promise<unknown> {
    const timer = setTimeout(() => client.disconnect(true), silentMs);
    try {
      return await client.call(command, ...args);
    } finally {
      clearTimeout(timer);
    }
  }

  #add(client: RedisClient, entry: Entry, number: number): Promise<unknown> {
    const fields = fieldsOf(entry, this.#origin, number);
    return this.#ask(client, 'XADD', this.#key, 'MAXLEN', '~', keptMessages, '*', ...fields);
  }

  async #read(client: RedisClient): Promise<void> {
    await this.#join(client);
    this.isUp = true;
    while (!this.#ending.signal.aborted) {
      const reply = await this.#ask(
        client,
        ...(['XREAD', 'COUNT', readMessages, 'BLOCK', blockMs] as const),
        ...(['STREAMS', this.#key, this.#lastId] as const),
      );
      for (const read of readStreams(reply)) this.#take(read);
    }
  }

  /** Goes on where it was; or begins anew where that is no more, or another life of the stream. */
  async #join(client: RedisClient): Promise<void> {
    const epoch = epochOf(String(await this.#ask(client, 'INFO', 'replication')));
    const [oldest] = readEntries(
      await this.#ask(client, 'XRANGE', this.#key, '-', '+', 'COUNT', 1),
    );
    const isWhole = oldest !== undefined && oldest.offset <= offsetOf(this.#lastId);
    if (epoch === this.#epoch && (isWhole || this.#lastId === '0-0')) return;
    const newest = await this.#ask(
      client,
      'XREVRANGE',
      this.#key,
      '+',
      '-',
      'COUNT',
      windowMessages,
    );
    const reads = readEntries(newest).toReversed();
    for (const { origin, number } of reads) if (origin === this.#origin) this.#shown.delete(number);
    this.#epoch = epoch;
    this.#lastId = reads.at(-1)?.id ?? '0-0';
    this.#follower?.begin(epoch, reads.flatMap(toPlaced));
  }

  #take(read: Read): void {
    this.#lastId = read.id;
    const { entry, origin, number } = read;
    this.lagMs = Math.max(0, this.#needs.clock.now() - Number(read.id.split('-')[0]));
    if (entry?.kind === 'revoke') this.#follower?.revoke(entry.who, entry.why);
    if (entry?.kind === 'reset') this.#follower?.reset();
    if (entry?.kind !== 'message') return;
    const isShown = origin === this.#origin && this.#shown.delete(number);
    this.#follower?.receive({ offset: read.offset, message: entry.message, isShown });
  }
}

function toPlaced({ offset, entry }: Read): Placed[] {
  return entry?.kind === 'message' ? [{ offset, message: entry.message, isShown: false }] : [];
}

/** A failover and a restart change it: offsets of a tail that was lost are never taken for others. */
function epochOf(info: string): string {
  const id = /master_replid:([0-9a-f]{40})/u.exec(info)?.[1];
  if (id === undefined) {
    throw new Problem('Redis does not tell its replication id.', {
      code: 'realtime.backplane',
      kind: 'unavailable',
    });
  }
  return id.slice(0, epochCharacters);
}

function ignoreAbort(error: unknown): void {
  if (Problem.from(error).kind === 'internal') throw error;
}

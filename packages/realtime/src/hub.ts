import { randomBytes } from 'node:crypto';

import type { Message, Placed } from './backplane.ts';
import type { Connection } from './connection.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { messageEntry } from './frame.ts';
import { createRing, type Entry } from './ring.ts';

const messagesMax = 10_000;
const bytesMax = 33_554_432;
const replayMessagesMax = 1_000;
const replayBytesMax = 1_048_576;
/** A longer round lets other work in between. */
const roundMax = 1_000;
const directMax = 2_000;
/** Messages that leave together. */
const batchMax = 32;
const epochBytes = 6;

interface Waiting {
  readonly entry: Entry;
  readonly except: string | undefined;
  resolve(): void;
}

function sendTo(reader: Connection, batch: readonly Waiting[]): void {
  for (const { entry, except } of batch) if (reader.id !== except) reader.send(entry);
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What a reader gets that comes back. */
export type Resumption =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'replay'; readonly entries: readonly Entry[] }
  /** Further than this process has read: what it reads up to there the reader has had. */
  | { readonly kind: 'ahead'; readonly offset: number }
  | { readonly kind: 'reset'; readonly why: 'gone' | 'epoch' | 'much' };

/** The last messages, and who is connected here to which channel. */
export class Hub {
  /** Of this life of the process, or of the stream that it follows: offsets of another mean nothing here. */
  #epoch = randomBytes(epochBytes).toString('hex');
  #ring = createRing(messagesMax, bytesMax);
  readonly #readers = new Map<string, Set<Connection>>();
  readonly #waiting: Waiting[] = [];
  #isSending = false;

  get epoch(): string {
    return this.#epoch;
  }

  get cursor(): string {
    return formatCursor(this.#epoch, this.#ring.tail);
  }

  /** Offset of the newest message. */
  get tail(): number {
    return this.#ring.tail;
  }

  get channelCount(): number {
    return this.#readers.size;
  }

  readersOf(channel: string): Iterable<Connection> {
    return this.#readers.get(channel) ?? [];
  }

  join(connection: Connection, channel: string): void {
    connection.channels.add(channel);
    const readers = this.#readers.get(channel);
    if (readers === undefined) this.#readers.set(channel, new Set([connection]));
    else readers.add(connection);
  }

  leave(connection: Connection, channel: string): void {
    connection.channels.delete(channel);
    const readers = this.#readers.get(channel);
    readers?.delete(connection);
    if (readers?.size === 0) this.#readers.delete(channel);
  }

  /** What the stream that is followed holds: offsets of before mean nothing any more. */
  begin(epoch: string, window: readonly Placed[]): void {
    this.#epoch = epoch;
    this.#ring = createRing(messagesMax, bytesMax, window[0]?.offset ?? 0);
    for (const { offset, message } of window.slice(1))
      this.#ring.append(this.#encode(offset, message));
  }

  /** Of this process alone. @returns when all its readers were written to. */
  publish(message: Message): Promise<void> {
    return this.receive({ offset: this.#ring.tail + 1, message, isShown: false });
  }

  /** Keeps the message and writes it to all readers, each as far as it takes it. */
  async receive({ offset, message, isShown }: Placed): Promise<void> {
    const entry = this.#encode(offset, message);
    this.#ring.append(entry);
    if (!isShown) await this.#deliver(entry, message.except);
  }

  /** To the readers here, without a place in the stream: who reconnects may hear it again. */
  async show({ channel, key, body, position, except }: Message): Promise<void> {
    const data = position === undefined ? [channel, body] : [channel, body, position];
    const frame = Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
    await this.#deliver({ offset: Infinity, channel, key, frame, dataAt: 0 }, except);
  }

  /** All readers ask again for all their channels. */
  resetAll(connections: Iterable<Connection>, why: string): void {
    for (const one of connections) {
      // Offsets of before mean nothing to it; what it asks for holds all up to here.
      one.seenOffset = this.#ring.tail;
      const channels = [...one.channels];
      if (channels.length > 0) {
        one.tell({ name: 'reset', data: { channels, why }, cursor: this.cursor });
      }
    }
  }

  #encode(offset: number, { channel, key, body, position }: Message): Entry {
    const cursor = formatCursor(this.#epoch, offset);
    const data = position === undefined ? [channel, body] : [channel, body, position];
    return messageEntry({ offset, channel, key }, cursor, data);
  }

  async #deliver(entry: Entry, except: string | undefined): Promise<void> {
    const audience = this.#readers.get(entry.channel);
    if (audience === undefined) return;
    if (!this.#isSending && audience.size <= directMax) {
      for (const reader of audience) if (reader.id !== except) reader.send(entry);
      return;
    }
    // Behind what is still under way: no reader gets the newer one first.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ entry, except, resolve });
    if (!this.#isSending) void this.#sendAll();
    await promise;
  }

  /** Round by round, so that other work comes in between; what has gathered meanwhile leaves together. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    await nextTurn();
    while (this.#waiting.length > 0) {
      const channel = this.#waiting[0]?.entry.channel ?? '';
      const end = this.#waiting.findIndex(({ entry }) => entry.channel !== channel);
      const batch = this.#waiting.splice(0, Math.min(end === -1 ? batchMax : end, batchMax));
      const readers = [...this.readersOf(channel)];
      for (let at = 0; at < readers.length; at += roundMax) {
        for (const reader of readers.slice(at, at + roundMax)) sendTo(reader, batch);
        await nextTurn();
      }
      for (const { resolve } of batch) resolve();
    }
    this.#isSending = false;
  }

  /**
   * What happened on these channels since the cursor.
   *
   * @param followed another process may have read the stream further: a cursor of it is no fault.
   */
  // Called in the turn in which the reader joins: nothing falls between.
  resume(text: string, channels: ReadonlySet<string>, followed = false): Resumption {
    const cursor = parseCursor(text);
    if (cursor === undefined) return { kind: 'fresh' };
    const [offset, ...rest] = cursor.offsets;
    if (cursor.epoch !== this.#epoch || offset === undefined || rest.length > 0) {
      return { kind: 'reset', why: 'epoch' };
    }
    if (offset > this.#ring.tail) {
      return followed ? { kind: 'ahead', offset } : { kind: 'reset', why: 'epoch' };
    }
    const entries = this.#ring.after(offset)?.filter(({ channel }) => channels.has(channel));
    if (entries === undefined) return { kind: 'reset', why: 'gone' };
    const bytes = entries.reduce((sum, { frame }) => sum + frame.length, 0);
    const isMuch = entries.length > replayMessagesMax || bytes > replayBytesMax;
    return isMuch ? { kind: 'reset', why: 'much' } : { kind: 'replay', entries };
  }
}

import { randomBytes } from 'node:crypto';

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
const epochBytes = 6;

/** What a reader gets that comes back. */
export type Resumption =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'replay'; readonly entries: readonly Entry[] }
  | { readonly kind: 'reset'; readonly why: 'gone' | 'epoch' | 'much' };

export interface Message {
  readonly channel: string;
  readonly key: string | null;
  readonly body: unknown;
  readonly position: string | undefined;
  readonly except: string | undefined;
}

/** Messages of this process: its last ones, and who is connected to which channel. */
export class Hub {
  /** Of this life of the process: offsets of another mean nothing here. */
  readonly epoch = randomBytes(epochBytes).toString('hex');
  readonly #ring = createRing(messagesMax, bytesMax);
  readonly #readers = new Map<string, Set<Connection>>();
  #round: Promise<void> | undefined;

  get cursor(): string {
    return formatCursor(this.epoch, this.#ring.tail);
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

  /** Keeps the message and writes it to all readers, each as far as it takes it. @returns when all were written to. */
  async publish({ channel, key, body, position, except }: Message): Promise<void> {
    const offset = this.#ring.tail + 1;
    const cursor = formatCursor(this.epoch, offset);
    const data = position === undefined ? [channel, body] : [channel, body, position];
    const entry = messageEntry({ offset, channel, key }, cursor, data);
    this.#ring.append(entry);
    const readers = [...this.readersOf(channel)].filter(({ id }) => id !== except);
    if (this.#round === undefined && readers.length <= directMax) {
      for (const reader of readers) reader.send(entry);
      return;
    }
    // Behind a long round that is still under way: no reader gets the newer one first.
    const round = this.#sendInRounds(entry, readers, this.#round);
    this.#round = round;
    await round;
    if (this.#round === round) this.#round = undefined;
  }

  async #sendInRounds(
    entry: Entry,
    readers: readonly Connection[],
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    for (let at = 0; at < readers.length; at += roundMax) {
      for (const reader of readers.slice(at, at + roundMax)) reader.send(entry);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What happened on these channels since the cursor. Called in the turn in which the reader joins: nothing falls between. */
  resume(text: string, channels: ReadonlySet<string>): Resumption {
    const cursor = parseCursor(text);
    if (cursor === undefined) return { kind: 'fresh' };
    const [offset, ...rest] = cursor.offsets;
    if (cursor.epoch !== this.epoch || offset === undefined || rest.length > 0) {
      return { kind: 'reset', why: 'epoch' };
    }
    if (offset > this.#ring.tail) return { kind: 'reset', why: 'epoch' };
    const entries = this.#ring.after(offset)?.filter(({ channel }) => channels.has(channel));
    if (entries === undefined) return { kind: 'reset', why: 'gone' };
    const bytes = entries.reduce((sum, { frame }) => sum + frame.length, 0);
    const isMuch = entries.length > replayMessagesMax || bytes > replayBytesMax;
    return isMuch ? { kind: 'reset', why: 'much' } : { kind: 'replay', entries };
  }
}

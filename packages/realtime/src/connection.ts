import type { Auth } from './channel.ts';
import { withIdOf } from './frame.ts';
import type { Metrics } from './metrics.ts';
import type { Entry } from './ring.ts';
import type { CloseCode, Wire, Word } from './wire.ts';

/** Up to here the kernel and Node hold what a reader has not taken. */
const directBytesMax = 65_536;
/** Past these a channel is given up for this reader: it hears that it must ask again. */
const queueBytesMax = 196_608;
const queueEntriesMax = 256;

/** One reader. Nobody else waits for it. */
export class Connection {
  readonly id: string;
  readonly auth: Auth;
  readonly sinceMs: number;
  readonly channels = new Set<string>();
  isRenewing = false;
  /** It has had everything up to here from another process. */
  seenOffset = 0;
  /** Since when it has taken nothing of what waits. */
  stuckSinceMs: number | undefined;
  readonly wire: Wire;
  readonly #metrics: Metrics;
  readonly #mono: () => number;
  readonly #lost = new Set<string>();
  #queue: Entry[] = [];
  #queueBytes = 0;
  #isEnded = false;

  constructor(needs: ConnectionNeeds) {
    this.id = needs.id;
    this.auth = needs.auth;
    this.sinceMs = needs.sinceMs;
    this.wire = needs.wire;
    this.#metrics = needs.metrics;
    this.#mono = needs.mono;
    needs.wire.onRoom(() => this.#flush());
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Bytes that it has not taken. */
  get backlogBytes(): number {
    return this.wire.heldBytes + this.#queueBytes;
  }

  /** Something other than a message; it is never dropped. */
  tell(word: Word): void {
    if (!this.#isEnded) this.wire.tell(word);
  }

  /** What it missed: at most 1 MiB, and in front of all that is new. */
  replay(entry: Entry): void {
    if (!this.#isEnded) this.wire.message(entry);
  }

  send(entry: Entry): void {
    if (this.#isEnded || entry.offset <= this.seenOffset) return;
    if (this.#queue.length === 0 && this.wire.heldBytes < directBytesMax) {
      this.#write(entry);
      return;
    }
    this.stuckSinceMs ??= this.#mono();
    this.#enqueue(entry);
  }

  /** Says why, and ends. A reader that does not take even that is cut off. */
  close(code: CloseCode, retryMs: number): void {
    if (this.#isEnded) return;
    this.tell({ name: 'bye', data: { code, retryMs } });
    this.#isEnded = true;
    this.#queue = [];
    this.#queueBytes = 0;
    this.wire.end(code);
    this.#metrics.closed.add(1, { code: String(code) });
  }

  /** The other side went away. */
  ended(): void {
    this.#isEnded = true;
    this.#queue = [];
    this.#queueBytes = 0;
  }

  destroy(): void {
    this.ended();
    this.wire.destroy();
  }

  #write(entry: Entry): void {
    this.wire.message(entry);
    this.#metrics.messages.add(1, { dir: 'out' });
  }

  #enqueue(entry: Entry): void {
    const { channel, key } = entry;
    if (this.#lost.has(channel)) return this.#drop(1, 'reset');
    const at =
      key === null
        ? -1
        : this.#queue.findIndex((one) => one.channel === channel && one.key === key);
    const older = this.#queue[at];
    if (older !== undefined) {
      const merged = withIdOf(older, entry);
      this.#queue[at] = merged;
      this.#queueBytes += merged.frame.length - older.frame.length;
      this.#metrics.coalesced.add(1);
      return;
    }
    const isFull =
      this.#queue.length >= queueEntriesMax ||
      this.#queueBytes + entry.frame.length > queueBytesMax;
    if (isFull) {
      this.#giveUp(channel);
      return;
    }
    this.#queue.push(entry);
    this.#queueBytes += entry.frame.length;
  }

  /** The channel's messages go; when there is room again the reader hears that it must ask. */
  #giveUp(channel: string): void {
    this.#lost.add(channel);
    const before = this.#queue.length;
    this.#queue = this.#queue.filter((one) => one.channel !== channel);
    this.#queueBytes = this.#queue.reduce((sum, one) => sum + one.frame.length, 0);
    this.#drop(before - this.#queue.length + 1, 'slow');
    this.#metrics.reset.add(1, { why: 'slow' });
  }

  #drop(count: number, why: 'reset' | 'slow'): void {
    this.#metrics.dropped.add(count, { why });
  }

  #flush(): void {
    if (this.#isEnded) return;
    if (this.#lost.size > 0) {
      this.tell({ name: 'reset', data: { channels: [...this.#lost], why: 'slow' } });
      this.#lost.clear();
    }
    let sent = 0;
    for (const entry of this.#queue) {
      if (this.wire.heldBytes >= directBytesMax) break;
      this.#write(entry);
      this.#queueBytes -= entry.frame.length;
      sent += 1;
    }
    this.#queue.splice(0, sent);
    this.stuckSinceMs = this.#queue.length > 0 ? this.#mono() : undefined;
  }
}

interface ConnectionNeeds {
  readonly id: string;
  readonly auth: Auth;
  /** Ms since the Unix epoch. */
  readonly sinceMs: number;
  readonly wire: Wire;
  readonly metrics: Metrics;
  mono(): number;
}

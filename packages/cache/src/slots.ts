import type { Codec } from './cache.ts';
import { grown, wider } from './columns.ts';
import type { Look } from './l1.ts';
import { hashText } from './sketch.ts';
import { Ghost, SlotQueue } from './slot-queue.ts';
import { TagTable } from './tag-table.ts';

/** What is written into L1. Times in ms of the cache's clock. */
export interface Fill {
  readonly key: string;
  readonly kept: unknown;
  readonly codec: Codec | undefined;
  readonly bytes: number;
  readonly position: number;
  readonly writtenAt: number;
  readonly due: number;
  readonly expiry: number;
  readonly dead: number;
  readonly tags: readonly string[];
  readonly region: number;
  /** Newest events of a tag, from the sketches. */
  newestOf(tag: string): { readonly any: number; readonly hard: number };
}

export interface SlotsOptions {
  readonly bytesMax: number;
  readonly entriesMax: number;
  drop(key: string): void;
}

const slotsAtFirst = 1_024;
/** Columns, index, key object; measured by the bench `memory`. */
const entryBytes = 110;
const smallShare = 0.1;
const largestShare = 1 / 8;
/** Slots looked at for what has died. */
const sweptAnInsert = 2;

/**
 * The columns of L1 and what leaves them: S3-FIFO (Yang et al., SOSP 2023) in bytes and entries. A slot that is
 * emptied stays in its queue, and is free when its turn comes.
 */
export class Slots {
  /** Bits of `meta`: 0–1 how often used, 2 in the main queue, 3 not for the hot path, 4 softly expired. */
  static readonly frequency = 3;
  static readonly inMain = 4;
  static readonly isOdd = 8;
  static readonly isExpired = 16;

  readonly tags = new TagTable();
  readonly keys: (string | undefined)[] = [];
  readonly kept: unknown[] = [];
  position = new Float64Array(slotsAtFirst);
  due = new Float64Array(slotsAtFirst);
  expiry = new Float64Array(slotsAtFirst);
  dead = new Float64Array(slotsAtFirst);
  hold = new Float64Array(slotsAtFirst);
  writtenAt = new Float64Array(slotsAtFirst);
  tag0 = new Uint32Array(slotsAtFirst);
  tag1 = new Uint32Array(slotsAtFirst);
  size = new Uint32Array(slotsAtFirst);
  meta = new Uint8Array(slotsAtFirst);
  region = new Uint16Array(slotsAtFirst);
  bytes = 0;
  evictions = 0;
  readonly #options: SlotsOptions;
  readonly #moreTags = new Map<number, readonly number[]>();
  readonly #codecs = new Map<number, Codec>();
  readonly #small = new SlotQueue();
  readonly #main = new SlotQueue();
  readonly #ghost: Ghost;
  readonly #free: number[] = [];
  #made = 0;
  #smallBytes = 0;
  #live = 0;
  #liveSmall = 0;
  #swept = 0;
  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#ghost = new Ghost(options.entriesMax);
  }

  /** −1: it is too large to be kept. */
  take(fill: Fill, now: number): number {
    const bytes = fill.bytes + entryBytes;
    const { bytesMax, entriesMax } = this.#options;
    if (bytes > bytesMax * largestShare) return -1;
    for (let i = 0; i < sweptAnInsert; i += 1) this.#sweep(now);
    while (this.bytes + bytes > bytesMax || this.#live >= entriesMax) this.#evict();
    const slot = this.#freeSlot();
    this.keys[slot] = fill.key;
    const wasKnown = this.#ghost.has(hashText(fill.key, 0), this.#main.size);
    this.meta[slot] = wasKnown ? Slots.inMain : 0;
    (wasKnown ? this.#main : this.#small).push(slot);
    this.#write(slot, fill);
    this.#count(slot, 1);
    return slot;
  }

  replace(slot: number, fill: Fill): void {
    this.#count(slot, -1);
    this.#releaseTags(slot);
    if (fill.bytes + entryBytes > this.#options.bytesMax * largestShare) {
      this.#forget(slot);
      return;
    }
    this.meta[slot] = (this.meta[slot] ?? 0) & (Slots.frequency | Slots.inMain);
    this.#write(slot, fill);
    this.#count(slot, 1);
    while (this.bytes > this.#options.bytesMax) this.#evict();
  }

  /** Empties a slot that holds an entry. */
  clear(slot: number): void {
    this.#count(slot, -1);
    this.#releaseTags(slot);
    this.#forget(slot);
  }

  expire(slot: number, now: number): void {
    const failSafeMs = (this.dead[slot] ?? 0) - (this.expiry[slot] ?? 0);
    this.meta[slot] = (this.meta[slot] ?? 0) | Slots.isExpired | Slots.isOdd;
    this.due[slot] = -Infinity;
    this.expiry[slot] = Math.min(this.expiry[slot] ?? 0, now);
    this.dead[slot] = Math.min(this.dead[slot] ?? 0, now + failSafeMs);
  }

  /** No event has come since it was captured, for one with at most two tags. */
  isCurrent(slot: number): boolean {
    const events = this.tags.any;
    const position = this.position[slot] ?? 0;
    const first = events[this.tag0[slot] ?? 0] ?? 0;
    return position >= first && position >= (events[this.tag1[slot] ?? 0] ?? 0);
  }

  touch(slot: number): void {
    const meta = this.meta[slot] ?? 0;
    if ((meta & Slots.frequency) < Slots.frequency) this.meta[slot] = meta + 1;
  }

  look(slot: number, generation: number): Look {
    const position = this.position[slot] ?? 0;
    const ids = this.#tagIdsOf(slot);
    const isExpired = ((this.meta[slot] ?? 0) & Slots.isExpired) !== 0;
    return {
      key: this.keys[slot] ?? '',
      kept: this.kept[slot],
      codec: this.#codecs.get(slot),
      position,
      generation,
      writtenAt: this.writtenAt[slot] ?? 0,
      due: this.due[slot] ?? 0,
      expiry: this.expiry[slot] ?? 0,
      dead: this.dead[slot] ?? 0,
      hold: this.hold[slot] ?? 0,
      tags: ids.map((id) => this.tags.nameOf(id)),
      isValid: ids.every((id) => position >= (this.tags.hard[id] ?? 0)),
      isUntouched: !isExpired && ids.every((id) => position >= (this.tags.any[id] ?? 0)),
    };
  }

  #write(slot: number, fill: Fill): void {
    const ids = fill.tags.map((tag) => this.tags.retain(tag, fill.newestOf(tag)));
    const [first = 0, second = 0, ...more] = ids;
    this.kept[slot] = fill.kept;
    this.position[slot] = fill.position;
    this.writtenAt[slot] = fill.writtenAt;
    this.due[slot] = fill.due;
    this.expiry[slot] = fill.expiry;
    this.dead[slot] = fill.dead;
    this.hold[slot] = -Infinity;
    this.tag0[slot] = first;
    this.tag1[slot] = second;
    this.size[slot] = fill.bytes + entryBytes;
    this.region[slot] = fill.region;
    if (more.length > 0) this.#moreTags.set(slot, more);
    if (fill.codec !== undefined) this.#codecs.set(slot, fill.codec);
    const isOdd = more.length > 0 || fill.codec !== undefined;
    if (isOdd) this.meta[slot] = (this.meta[slot] ?? 0) | Slots.isOdd;
  }

  #tagIdsOf(slot: number): number[] {
    const ids = [this.tag0[slot] ?? 0, this.tag1[slot] ?? 0, ...(this.#moreTags.get(slot) ?? [])];
    return ids.filter((id) => id !== 0);
  }

  #releaseTags(slot: number): void {
    for (const id of this.#tagIdsOf(slot)) this.tags.release(id);
    this.tag0[slot] = 0;
    this.tag1[slot] = 0;
    this.#moreTags.delete(slot);
    this.#codecs.delete(slot);
  }

  /** @param sign 1 when the slot has come to hold an entry, −1 before it ceases to. */
  #count(slot: number, sign: 1 | -1): void {
    const bytes = sign * (this.size[slot] ?? 0);
    this.bytes += bytes;
    this.#live += sign;
    if (((this.meta[slot] ?? 0) & Slots.inMain) !== 0) return;
    this.#smallBytes += bytes;
    this.#liveSmall += sign;
  }

  #forget(slot: number): void {
    const key = this.keys[slot];
    this.keys[slot] = undefined;
    this.kept[slot] = undefined;
    if (key !== undefined) this.#options.drop(key);
  }

  #freeSlot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made > 2 * this.#options.entriesMax) return this.#reclaim();
    if (this.#made === this.position.length) this.#grow();
    this.#made += 1;
    return this.#made - 1;
  }

  /** Emptied slots wait in their queues: one of them, before the columns grow. */
  #reclaim(): number {
    for (;;) {
      for (const queue of [this.#small, this.#main]) {
        const slot = queue.shift();
        if (slot === -1) continue;
        if (this.keys[slot] === undefined) return slot;
        queue.push(slot);
      }
    }
  }

  #evict(): void {
    const { bytesMax, entriesMax } = this.#options;
    const isSmallFull =
      this.#smallBytes > bytesMax * smallShare || this.#liveSmall > entriesMax * smallShare;
    if (isSmallFull || this.#main.size === 0) this.#evictFromSmall();
    else this.#evictFromMain();
  }

  #evictFromSmall(): void {
    const slot = this.#small.shift();
    if (slot === -1) return this.#evictFromMain();
    const key = this.keys[slot];
    if (key === undefined) {
      this.#free.push(slot);
    } else if (((this.meta[slot] ?? 0) & Slots.frequency) > 0) {
      this.#count(slot, -1);
      this.meta[slot] = ((this.meta[slot] ?? 0) & ~Slots.frequency) | Slots.inMain;
      this.#count(slot, 1);
      this.#main.push(slot);
    } else {
      this.#ghost.add(hashText(key, 0));
      this.#remove(slot);
    }
  }

  #evictFromMain(): void {
    const slot = this.#main.shift();
    if (slot === -1) return;
    const meta = this.meta[slot] ?? 0;
    if (this.keys[slot] === undefined) {
      this.#free.push(slot);
    } else if ((meta & Slots.frequency) > 0) {
      this.meta[slot] = meta - 1;
      this.#main.push(slot);
    } else {
      this.#remove(slot);
    }
  }

  #remove(slot: number): void {
    this.clear(slot);
    this.#free.push(slot);
    this.evictions += 1;
  }

  #sweep(now: number): void {
    if (this.#made === 0) return;
    this.#swept = (this.#swept + 1) % this.#made;
    if (this.keys[this.#swept] !== undefined && now >= (this.dead[this.#swept] ?? 0)) {
      this.clear(this.#swept);
    }
  }

  #grow(): void {
    const size = this.position.length * 2;
    this.position = grown(this.position);
    this.due = grown(this.due);
    this.expiry = grown(this.expiry);
    this.dead = grown(this.dead);
    this.hold = grown(this.hold);
    this.writtenAt = grown(this.writtenAt);
    this.tag0 = wider(this.tag0, new Uint32Array(size));
    this.tag1 = wider(this.tag1, new Uint32Array(size));
    this.size = wider(this.size, new Uint32Array(size));
    this.meta = wider(this.meta, new Uint8Array(size));
    this.region = wider(this.region, new Uint16Array(size));
  }
}

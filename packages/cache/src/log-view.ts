import type { Names } from './cache.ts';
import { DataRings } from './data-rings.ts';
import type { L1 } from './l1.ts';
import type { Log, LogEntry, LogListener } from './ports.ts';
import { parsePosition, toPosition, type DataPosition, type Position } from './position.ts';
import { EventSketch } from './sketch.ts';

const hardSlotBits = 16;
const softSlotBits = 14;

export interface LogViewNeeds {
  readonly log: Log;
  readonly l1: L1;
  readonly random: () => number;
  /** Where each source is now, from its primary. Without it, fills that read elsewhere are not kept. */
  readonly dataNow: (() => Promise<readonly DataPosition[]>) | undefined;
}

/** Sees which events of some names came. */
export interface Watch {
  readonly seen: readonly number[];
  end(): void;
}

/** What this node knows of the log: for each name its newest event, or anything newer than that. */
export class LogView implements LogListener {
  readonly data: DataRings;
  /** Nothing older is usable. */
  floor = 0;
  /** All events up to here are in effect on this node. */
  applied = 0;
  /** The newest position that this node has heard of. */
  known = 0;
  epoch = 0;
  readonly #needs: LogViewNeeds;
  readonly #hard: EventSketch;
  readonly #soft: EventSketch;
  readonly #watches = new Set<(entry: LogEntry) => void>();
  readonly #waiters = new Set<() => void>();

  constructor(needs: LogViewNeeds) {
    this.#needs = needs;
    this.#hard = new EventSketch(hardSlotBits, needs.random);
    this.#soft = new EventSketch(softSlotBits, needs.random);
    this.data = new DataRings(false);
  }

  async start(): Promise<void> {
    const { epoch, seq } = parsePosition(await this.#needs.log.start(this));
    this.epoch = epoch;
    this.floor = seq;
    this.applied = seq;
    this.known = seq;
    const { dataNow } = this.#needs;
    if (dataNow !== undefined) this.data.start(seq, await dataNow());
  }

  position(seq = this.known): Position {
    return toPosition(this.epoch, seq);
  }

  /** In this order: sketches, tags, keys, data, `applied`, then whoever waits for it. */
  entry(entry: LogEntry): void {
    this.#note(entry);
    this.#drop(entry);
    if (entry.data !== undefined) this.data.add(entry.seq, entry.data);
    for (const watch of this.#watches) watch(entry);
    this.applied = entry.seq;
    this.known = Math.max(this.known, entry.seq);
    for (const wake of this.#waiters) wake();
  }

  /** Resolves true once `applied` has reached it, false when `givenUp` comes first. */
  async reach(seq: number, givenUp: Promise<unknown>): Promise<boolean> {
    this.known = Math.max(this.known, seq);
    const reached = Promise.withResolvers<true>();
    const wake = () => {
      if (this.applied >= seq) reached.resolve(true);
    };
    this.#waiters.add(wake);
    wake();
    try {
      return await Promise.race([reached.promise, givenUp.then(() => false)]);
    } finally {
      this.#waiters.delete(wake);
    }
  }

  /** The newest event of a key and its tags; at least the floor. */
  newest(key: string, tags: Iterable<string>): number {
    let newest = Math.max(this.hard(key, tags), this.#soft.newest('k', key));
    for (const tag of tags) newest = Math.max(newest, this.#soft.newest('t', tag));
    return newest;
  }

  /** The newest hard one. */
  hard(key: string, tags: Iterable<string>): number {
    let newest = Math.max(this.floor, this.#hard.newest('k', key));
    for (const tag of tags) newest = Math.max(newest, this.#hard.newest('t', tag));
    return newest;
  }

  newestOfTag(tag: string): { readonly any: number; readonly hard: number } {
    const hard = this.#hard.newest('t', tag);
    return { hard, any: Math.max(hard, this.#soft.newest('t', tag)) };
  }

  watch(key: string, tags: readonly string[]): Watch {
    const seen: number[] = [];
    const onEntry = ({ names, clear, seq }: LogEntry) => {
      const isOne = names.keys?.includes(key) ?? false;
      if (isOne || clear === true || (names.tags ?? []).some((tag) => tags.includes(tag))) {
        seen.push(seq);
      }
    };
    this.#watches.add(onEntry);
    return { seen, end: () => this.#watches.delete(onEntry) };
  }

  fill(): number {
    return this.#hard.fill();
  }

  #note({ names, kind, seq, clear }: LogEntry): void {
    const sketch = kind === 'hard' ? this.#hard : this.#soft;
    for (const key of names.keys ?? []) sketch.raise('k', key, seq);
    for (const tag of names.tags ?? []) sketch.raise('t', tag, seq);
    if (clear === true && kind === 'hard') this.floor = seq;
  }

  #drop({ names, kind, seq, clear }: LogEntry): void {
    const { l1 } = this.#needs;
    for (const tag of names.tags ?? []) l1.raiseTag(tag, seq, kind);
    for (const key of names.keys ?? []) {
      if (kind === 'hard') l1.drop(key, seq);
      else l1.expire(key, seq);
    }
    if (clear !== true) return;
    if (kind === 'hard') l1.clear();
    else l1.expireAll();
  }
}

const namesAnEntryMax = 1_000;

/** As many entries of the log as the names need; none of nothing. */
export function splitNames({ keys = [], tags = [] }: Names): Names[] {
  const all = [
    ...keys.map((name) => ({ kind: 'key' as const, name })),
    ...tags.map((name) => ({ kind: 'tag' as const, name })),
  ];
  const parts: Names[] = [];
  for (let at = 0; at < all.length; at += namesAnEntryMax) {
    const part = all.slice(at, at + namesAnEntryMax);
    parts.push({
      keys: part.flatMap(({ kind, name }) => (kind === 'key' ? [name] : [])),
      tags: part.flatMap(({ kind, name }) => (kind === 'tag' ? [name] : [])),
    });
  }
  return parts;
}

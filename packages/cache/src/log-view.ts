import type { Clock } from '@plinth/core';

import { DataRings } from './data-rings.ts';
import type { L1 } from './l1.ts';
import type { Log, LogEntry, LogEvent, LogListener, LogStart } from './ports.ts';
import { toPosition, type DataPosition, type Position } from './position.ts';
import { EventSketch } from './sketch.ts';

const hardSlotBits = 16;
const sharedSlotBits = 20;
const softSlotBits = 14;
const askAgainMs = 1_000;

export interface LogViewNeeds {
  readonly log: Log;
  readonly l1: L1;
  readonly clock: Clock;
  readonly random: () => number;
  /** Without a confirmed tail for this long, what was filled before is not served. */
  readonly blindAfterMs: number;
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
  data = new DataRings(false);
  /** Nothing older is usable. */
  floor = 0;
  /** All events up to here are in effect on this node. */
  applied = 0;
  /** The newest position that this node has heard of. */
  known = 0;
  epoch = 0;
  /** Raised when positions of before say nothing any more: seqs of two generations are never compared. */
  generation = 0;
  /** The tail was confirmed as of then, in ms of the clock. */
  confirmedAt = -Infinity;
  readonly #needs: LogViewNeeds;
  #hard: EventSketch;
  #soft: EventSketch;
  readonly #watches = new Set<(entry: LogEntry) => void>();
  readonly #waiters = new Set<() => void>();
  #asked: Promise<boolean> = Promise.resolve(true);
  readonly #ended = new AbortController();

  constructor(needs: LogViewNeeds) {
    this.#needs = needs;
    [this.#hard, this.#soft] = this.#sketches();
  }

  /** Resolves when the first session has joined, and the sources were asked once where they are. */
  async start(): Promise<void> {
    await this.#needs.log.start(this);
    await this.#asked;
  }

  end(): void {
    this.#ended.abort();
  }

  joined({ epoch, floor, applied }: LogStart): void {
    this.generation += 1;
    this.epoch = epoch;
    this.floor = floor;
    this.applied = applied;
    this.known = applied;
    this.#needs.l1.reset();
    [this.#hard, this.#soft] = this.#sketches();
    this.data = new DataRings(false);
    for (const wake of this.#waiters) wake();
    this.#asked = this.#ask(this.generation, applied);
    void this.#askAgain(this.#asked, this.generation, applied);
  }

  confirmed(sentAt: number): void {
    this.confirmedAt = Math.max(this.confirmedAt, sentAt);
  }

  /** Infinity: it sees. Else since when it does not: only what began later may be served. */
  blindSince(now: number): number {
    if (!this.#needs.log.isShared) return Infinity;
    const since = this.confirmedAt + this.#needs.blindAfterMs;
    return now > since ? since : Infinity;
  }

  /** An event of this node has its place: in effect at once, though `applied` waits for the tail. */
  appended(event: LogEvent, { epoch, seq }: { epoch: number; seq: number }): void {
    if (epoch !== this.epoch || seq <= this.applied) return;
    this.#note({ ...event, epoch, seq });
    this.#drop({ ...event, epoch, seq });
    this.known = Math.max(this.known, seq);
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
    const reached = Promise.withResolvers<boolean>();
    const { generation } = this;
    const wake = () => {
      if (generation !== this.generation) reached.resolve(false);
      else if (this.applied >= seq) reached.resolve(true);
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
    if (clear === true && kind === 'hard') this.floor = Math.max(this.floor, seq);
  }

  #drop({ names, kind, seq, clear }: LogEntry): void {
    const { l1 } = this.#needs;
    for (const tag of names.tags ?? []) l1.raiseTag(tag, seq, kind);
    for (const key of names.keys ?? []) {
      if (kind === 'hard') l1.drop(key, seq);
      else l1.expire(key, seq);
    }
    if (clear !== true) return;
    if (kind === 'hard') l1.clearBefore(seq);
    else l1.expireAll(seq);
  }

  #sketches(): [EventSketch, EventSketch] {
    const { log, random } = this.#needs;
    const hardBits = log.isShared ? sharedSlotBits : hardSlotBits;
    return [new EventSketch(hardBits, random), new EventSketch(softSlotBits, random)];
  }

  /**
   * What came before this start may stand for data anywhere: until its sources have said where they are, nothing
   * that was read elsewhere is kept.
   */
  async #ask(generation: number, seq: number): Promise<boolean> {
    const { dataNow } = this.#needs;
    if (dataNow === undefined) return true;
    try {
      const positions = await dataNow();
      if (generation === this.generation) this.data.start(seq, positions);
      return true;
    } catch {
      // The primary is away: it is asked again.
      return generation !== this.generation;
    }
  }

  async #askAgain(first: Promise<boolean>, generation: number, seq: number): Promise<void> {
    let isAnswered = await first;
    while (!isAnswered) {
      try {
        await this.#needs.clock.sleep(askAgainMs, this.#ended.signal);
      } catch {
        // The cache is closed.
        return;
      }
      isAnswered = await this.#ask(generation, seq);
    }
  }
}

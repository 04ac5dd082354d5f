import type { Clock } from '@plinth/core';

import type { L1 } from './l1.ts';
import { namesAnEntryMax } from './names.ts';
import type { LogView } from './log-view.ts';
import type { Log, LogEvent } from './ports.ts';
import { highestOf } from './data-rings.ts';
import { parsePosition, type DataPosition } from './position.ts';

const namesMax = 100_000;
const tryAgainMs = 250;

type Kind = LogEvent['kind'];
interface Pended {
  /** Of the counter: a fill counts only if its flight began after it. */
  readonly number: number;
  readonly kind: Kind;
}

export interface PendingNeeds {
  readonly l1: L1;
  readonly log: Log;
  readonly view: LogView;
  readonly clock: Clock;
}

/** Invalidations that have no place in the log yet: in effect here at once, and sent until they have one. */
export class Pending {
  /** The number of the newest one. */
  count = 0;
  readonly #needs: PendingNeeds;
  readonly #keys = new Map<string, Pended>();
  readonly #tags = new Map<string, Pended>();
  #clear: Pended | undefined;
  #data: DataPosition[] = [];
  readonly #untold = { hard: new Set<string>(), soft: new Set<string>() };
  #scan: Promise<void> | undefined;
  #sending: Promise<void> | undefined;
  readonly #stop: () => void;

  constructor(needs: PendingNeeds) {
    this.#needs = needs;
    this.#stop = needs.log.isShared
      ? needs.clock.every(tryAgainMs, () => this.send())
      : () => undefined;
  }

  get names(): number {
    return this.#keys.size + this.#tags.size + (this.#clear === undefined ? 0 : 1);
  }

  /** Resolves when nothing of it is in L1 any more. */
  async add({ names, kind, clear, data }: LogEvent): Promise<void> {
    this.count += 1;
    const pended = { number: this.count, kind };
    const { l1 } = this.#needs;
    for (const key of names.keys ?? []) {
      put(this.#keys, key, pended);
      l1.forgetKey(key, kind);
    }
    for (const tag of names.tags ?? []) {
      put(this.#tags, tag, pended);
      this.#untold[kind].add(tag);
    }
    if (data !== undefined) this.#data = highestOf([...this.#data, data]);
    if (clear === true) this.#pendClear(pended);
    if (this.names > namesMax) {
      this.#keys.clear();
      this.#tags.clear();
      this.#pendClear({ number: this.count, kind: 'hard' });
    }
    if ((names.tags ?? []).length > 0) await this.#scanned();
  }

  /** Some name of it was pended after that number. */
  isSince(number: number, key: string, tags: Iterable<string>): boolean {
    if (this.count === number || this.names === 0) return false;
    if (isAfter(this.#clear, number) || isAfter(this.#keys.get(key), number)) return true;
    for (const tag of tags) if (isAfter(this.#tags.get(tag), number)) return true;
    return false;
  }

  /** Hard ones alone: a soft one leaves a value good for a failing factory. */
  isHardSince(number: number, key: string, tags: Iterable<string>): boolean {
    const isHard = (one: Pended | undefined) => one?.kind === 'hard' && isAfter(one, number);
    if (isHard(this.#clear) || isHard(this.#keys.get(key))) return true;
    for (const tag of tags) if (isHard(this.#tags.get(tag))) return true;
    return false;
  }

  /** Sends what there is; what cannot be sent stays. */
  async send(): Promise<void> {
    if (this.names === 0) return;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    await this.#sending;
  }

  stop(): void {
    this.#stop();
  }

  async #sendAll(): Promise<void> {
    const upTo = this.count;
    try {
      for (const event of this.#events()) {
        const position = await this.#needs.log.append(event, { alone: true });
        this.#needs.view.appended(event, parsePosition(position));
      }
    } catch {
      // The log is still away: all of it is sent again, which does no harm.
      return;
    }
    for (const names of [this.#keys, this.#tags]) {
      for (const [name, { number }] of names) if (number <= upTo) names.delete(name);
    }
    if (this.#clear !== undefined && this.#clear.number <= upTo) this.#clear = undefined;
    if (this.names === 0) this.#data = [];
  }

  /** All names, once for each source that a commit behind them was in. */
  #events(): LogEvent[] {
    const events: LogEvent[] = [];
    const sources = this.#data.length === 0 ? [undefined] : this.#data;
    for (const data of sources) {
      const known = data === undefined ? {} : { data };
      if (this.#clear !== undefined) {
        events.push({ names: {}, kind: this.#clear.kind, clear: true, ...known });
      }
      for (const kind of ['hard', 'soft'] as const) {
        for (const keys of chunksOf(this.#keys, kind))
          events.push({ names: { keys }, kind, ...known });
        for (const tags of chunksOf(this.#tags, kind))
          events.push({ names: { tags }, kind, ...known });
      }
    }
    return events;
  }

  #pendClear(pended: Pended): void {
    this.#clear = this.#clear?.kind === 'hard' ? { ...pended, kind: 'hard' } : pended;
    if (pended.kind === 'hard') this.#needs.l1.clearBefore(Infinity);
    else this.#needs.l1.expireAll(Infinity);
  }

  /** One walk through L1 for all tags of this turn. */
  async #scanned(): Promise<void> {
    this.#scan ??= new Promise<void>((resolve) => {
      setImmediate(() => {
        this.#scan = undefined;
        for (const kind of ['hard', 'soft'] as const) {
          const tags = this.#untold[kind];
          if (tags.size > 0) this.#needs.l1.forgetTagged(tags, kind);
          tags.clear();
        }
        resolve();
      });
    });
    await this.#scan;
  }
}

function isAfter(pended: Pended | undefined, number: number): boolean {
  return pended !== undefined && pended.number > number;
}

function put(names: Map<string, Pended>, name: string, { number, kind }: Pended): void {
  const isHard = kind === 'hard' || names.get(name)?.kind === 'hard';
  names.set(name, { number, kind: isHard ? 'hard' : 'soft' });
}

function chunksOf(names: ReadonlyMap<string, Pended>, kind: Kind): string[][] {
  const all = [...names].filter(([, pended]) => pended.kind === kind).map(([name]) => name);
  const chunks: string[][] = [];
  for (let at = 0; at < all.length; at += namesAnEntryMax) {
    chunks.push(all.slice(at, at + namesAnEntryMax));
  }
  return chunks;
}

import type { MissReason } from './counters.ts';
import { isBehind } from './data-rings.ts';
import type { Flight, Request } from './flight.ts';
import type { L1, Look } from './l1.ts';
import type { LogView } from './log-view.ts';
import type { Pending } from './pending.ts';
import type { DataPosition } from './position.ts';

/** Who reads: one scope. */
export interface Reader {
  /** Sees nothing older; −1: anything. */
  readonly after: number;
  /** That `after` is of: in any other one, nothing that is cached may be read. */
  readonly epoch: number;
  readonly data: readonly DataPosition[];
  readonly fills: boolean;
  readonly signal: AbortSignal | undefined;
}

export type Verdict = 'fresh' | 'held' | 'stale' | MissReason;

export interface JudgeNeeds {
  readonly l1: L1;
  readonly log: LogView;
  readonly pending: Pending;
  now(): number;
}

/** Who may have what: the one rule, and time. */
export class Judge {
  readonly #needs: JudgeNeeds;

  constructor(needs: JudgeNeeds) {
    this.#needs = needs;
  }

  /** Its token says nothing of this node's log: another server's history, or none that is known here. */
  isForeign({ after, epoch }: Reader): boolean {
    return after !== -1 && epoch !== this.#needs.log.epoch;
  }

  of(look: Look | undefined, reader: Reader): Verdict {
    const { log } = this.#needs;
    if (look === undefined) return 'absent';
    if (!look.isValid || look.position < log.floor) return 'invalidated';
    if (reader.after > log.applied && look.position < reader.after) return 'unverifiable';
    return this.#inTime(look);
  }

  /** Of one that is usable by its position. */
  #inTime(look: Look): Verdict {
    const now = this.#needs.now();
    const blindSince = this.#needs.log.blindSince(now);
    if (blindSince !== Infinity && look.writtenAt <= blindSince) return 'blind';
    if (look.isUntouched && now < look.expiry) return 'fresh';
    if (now >= look.dead) return look.isUntouched ? 'expired' : 'invalidated';
    return now < look.hold ? 'held' : 'stale';
  }

  /** A flight that began after all that this reader can know. */
  mayJoin(flight: Flight, reader: Reader, key: string, tags: readonly string[]): boolean {
    if (this.isForeign(reader)) return false;
    const { log, pending, now } = this.#needs;
    const { capture } = flight;
    if (capture.generation !== log.generation) return false;
    const blindSince = log.blindSince(now());
    if (blindSince !== Infinity && capture.startedAt <= blindSince) return false;
    const names = [...flight.tags, ...tags];
    if (pending.isSince(capture.pended, key, names)) return false;
    const newest = log.newest(key, names);
    return capture.position >= Math.max(reader.after, newest);
  }

  /** False for a value that may be older than what the reader knew when it joined. */
  mayHave(
    flight: Flight,
    reader: Reader,
    { key, options }: Request,
    tagsThen: ReadonlySet<string> | undefined,
  ): boolean {
    for (const asked of reader.data) {
      const read = flight.readAts.get(asked.source);
      if (read !== undefined && isBehind(read, asked)) return false;
    }
    const { log } = this.#needs;
    if (flight.found !== undefined) {
      const { position, tags } = flight.found;
      if (reader.after > log.applied && position < reader.after) return false;
      return position >= log.newest(key, [...tags, ...(options.tags ?? [])]);
    }
    if (tagsThen === undefined) return true;
    const found = [...flight.tags].filter((tag) => !tagsThen.has(tag));
    return found.every((tag) => log.newestOfTag(tag).any <= flight.capture.position);
  }

  /** Also at this moment no hard event has come since it was captured. */
  servable(stale: Look | undefined, reader: Reader): Look | undefined {
    if (stale === undefined || this.isForeign(reader)) return undefined;
    const { log, pending } = this.#needs;
    if (stale.generation !== log.generation || log.blindSince(this.#needs.now()) !== Infinity) {
      return undefined;
    }
    const isSeen = reader.after <= log.applied || stale.position >= reader.after;
    const isValid = stale.position >= log.hard(stale.key, stale.tags);
    const isPended = pending.isHardSince(-1, stale.key, stale.tags);
    return isSeen && isValid && !isPended && this.#needs.now() < stale.dead ? stale : undefined;
  }
}

/** Why it was no hit, for the count. */
export function reasonOf(verdict: Verdict): MissReason | undefined {
  if (verdict === 'stale' || verdict === 'held') return 'expired';
  return verdict === 'fresh' ? undefined : verdict;
}

/** Sees whatever this node has. */
export const noReader: Reader = {
  after: -1,
  epoch: -1,
  data: [],
  fills: true,
  signal: undefined,
};

import { Problem, type Clock } from '@plinth/core';

import type { EntryOptions } from './cache.ts';
import type { Counters, DiscardReason } from './counters.ts';
import { highestOf, isBehind } from './data-rings.ts';
import { Flight, type Landed, type Request } from './flight.ts';
import { missed, type L1, type Look } from './l1.ts';
import type { LogView } from './log-view.ts';
import { checkName, checkTags } from './names.ts';
import type { DataPosition } from './position.ts';
import { timesOf } from './times.ts';
import { etagOf, give } from './values.ts';
import { late, orAborted, orLate } from './waits.ts';

const failSafeHoldMsDefault = 5_000;
const softTimeoutMsDefault = 200;
const catchUpMs = 50;
const closeMsMax = 2_000;

/** Who reads: one scope. */
export interface Reader {
  /** Sees nothing older; −1: anything. */
  readonly after: number;
  /** Its token is of another epoch: nothing that is cached may be read. */
  readonly isForeign: boolean;
  readonly data: readonly DataPosition[];
  readonly fills: boolean;
  readonly signal: AbortSignal | undefined;
}

export interface NodeNeeds {
  readonly clock: Clock;
  readonly random: () => number;
  readonly l1: L1;
  readonly log: LogView;
  readonly counters: Counters;
  /** The time of L1. */
  now(): number;
  /** What a codec refuses is thrown; else it is counted and not kept. */
  readonly isStrict: boolean;
  observe(region: number, seconds: number): void;
}

type Verdict = 'fresh' | 'held' | 'stale' | 'expired' | 'invalidated' | 'unverifiable' | 'absent';
type Audience = 'shared' | 'private';

/**
 * The read path of one process. `usable(e) ⇔ pos(e) ≥ max(floor, newest event of its key and tags)`: every
 * mechanism errs by asking for more, which is a needless miss and never an old value.
 */
export class CacheNode {
  readonly needs: NodeNeeds;
  readonly #flights = new Map<string, Flight>();
  readonly #running = new Set<Flight>();
  #isClosed = false;

  constructor(needs: NodeNeeds) {
    this.needs = needs;
  }

  get flights(): number {
    return this.#running.size;
  }

  /** The hot path: the value or `missed`. */
  peek(reader: Reader, key: string): unknown {
    if (reader.isForeign || reader.after > this.needs.log.applied) return missed;
    return this.needs.l1.hit(key);
  }

  /** After `peek` missed. @returns the value, or a promise of it. */
  read(reader: Reader, request: Request): unknown {
    this.check(request.key, request.options);
    const { log, counters } = this.needs;
    if (reader.isForeign) {
      counters.bypassed += 1;
      counters.miss(request.region, 'unverifiable');
      return this.#own(reader, request, undefined, 'private');
    }
    const look = this.needs.l1.look(request.key);
    const verdict = this.#judge(look, reader);
    if (look !== undefined && verdict === 'fresh') return this.#fresh(look, reader, request);
    if (reader.after > log.applied) return this.#catchUp(reader, request);
    return this.#readPast(look, verdict, reader, request);
  }

  /** What is fresh and usable, without a factory. */
  async find(reader: Reader, key: string, region: number): Promise<Look | undefined> {
    this.check(key, {});
    const { log, counters } = this.needs;
    if (reader.isForeign) return undefined;
    if (reader.after > log.applied) await log.reach(reader.after, this.#late());
    const look = this.needs.l1.look(key);
    const verdict = this.#judge(look, reader);
    if (verdict === 'fresh') {
      counters.hits[region] = (counters.hits[region] ?? 0) + 1;
      return look;
    }
    counters.miss(region, verdict === 'held' || verdict === 'stale' ? 'expired' : verdict);
    return undefined;
  }

  /** A flight that this reader may wait for. */
  join(reader: Reader, key: string, tags: readonly string[]): Flight | undefined {
    const flight = this.#flights.get(key);
    if (flight === undefined || reader.isForeign) return undefined;
    const newest = this.needs.log.newest(key, [...flight.tags, ...tags]);
    return flight.capture.position >= Math.max(reader.after, newest) ? flight : undefined;
  }

  /** @throws {Problem} `cache.closed`, `cache.invalid_name`. */
  check(key: string, { tags = [] }: EntryOptions): void {
    if (this.#isClosed) throw closedProblem();
    checkName(key);
    checkTags(tags);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.needs.l1.clear();
    const settled = new AbortController();
    const landed = Promise.allSettled([...this.#running].map(({ done }) => done));
    await orLate(landed, this.needs.clock, closeMsMax, settled.signal);
    settled.abort();
    for (const flight of this.#running) flight.abort(closedProblem());
  }

  #judge(look: Look | undefined, reader: Reader): Verdict {
    const { log } = this.needs;
    if (look === undefined) return 'absent';
    if (!look.isValid || look.position < log.floor) return 'invalidated';
    if (reader.after > log.applied && look.position < reader.after) return 'unverifiable';
    const now = this.needs.now();
    if (look.isUntouched && now < look.expiry) return 'fresh';
    if (now >= look.dead) return look.isUntouched ? 'expired' : 'invalidated';
    return now < look.hold ? 'held' : 'stale';
  }

  #fresh(look: Look, reader: Reader, request: Request): unknown {
    const { counters, l1 } = this.needs;
    counters.hits[request.region] = (counters.hits[request.region] ?? 0) + 1;
    l1.touch(request.key);
    if (this.needs.now() >= look.due && look.due < look.expiry && reader.fills) {
      l1.setDue(request.key, look.expiry);
      this.#launch(reader, request, look, 'shared');
    }
    return give(look);
  }

  #readPast(look: Look | undefined, verdict: Verdict, reader: Reader, request: Request): unknown {
    const { counters } = this.needs;
    if (look !== undefined && verdict === 'held') return this.#serveStale(look);
    const reason = verdict === 'stale' || verdict === 'held' ? 'expired' : verdict;
    if (reason !== 'fresh') counters.miss(request.region, reason);
    const stale = verdict === 'stale' ? look : undefined;
    const joined = this.join(reader, request.key, request.options.tags ?? []);
    if (joined !== undefined) return this.await(joined, reader, request, stale);
    return this.#own(reader, request, stale, reader.fills ? 'shared' : 'private');
  }

  /** Only what is at the reader's position or newer counts, where the log does not come so far in time. */
  async #catchUp(reader: Reader, request: Request): Promise<unknown> {
    await this.needs.log.reach(reader.after, this.#late());
    const look = this.needs.l1.look(request.key);
    const verdict = this.#judge(look, reader);
    if (look !== undefined && verdict === 'fresh') return this.#fresh(look, reader, request);
    return this.#readPast(look, verdict, reader, request);
  }

  #late(): Promise<unknown> {
    return this.needs.clock.sleep(catchUpMs, new AbortController().signal);
  }

  /** A flight of this reader's own began after all that it can know: what it brings needs no test. */
  #own(reader: Reader, request: Request, stale: Look | undefined, audience: Audience): unknown {
    const flight = this.#launch(reader, request, stale, audience);
    return this.#settle(flight, reader, request, stale);
  }

  /** Waits for a flight that somebody else began. */
  async await(flight: Flight, reader: Reader, request: Request, stale?: Look): Promise<unknown> {
    const isBehindNow = this.needs.log.known > flight.capture.position;
    const tagsThen = isBehindNow ? new Set(flight.tags) : undefined;
    const value = await this.#settle(flight, reader, request, stale);
    if (this.#mayHave(flight, reader, tagsThen)) return value;
    return this.#own(reader, request, stale, 'shared');
  }

  /** False for a value that may be older than what the reader knew when it joined. */
  #mayHave(flight: Flight, reader: Reader, tagsThen: ReadonlySet<string> | undefined): boolean {
    for (const asked of reader.data) {
      const read = flight.readAts.get(asked.source);
      if (read !== undefined && isBehind(read, asked)) return false;
    }
    if (tagsThen === undefined) return true;
    const { log } = this.needs;
    const found = [...flight.tags].filter((tag) => !tagsThen.has(tag));
    return found.every((tag) => log.newestOfTag(tag).any <= flight.capture.position);
  }

  async #settle(
    flight: Flight,
    reader: Reader,
    { options }: Request,
    stale: Look | undefined,
  ): Promise<unknown> {
    const settled = new AbortController();
    const done = orAborted(flight.done, reader.signal, settled.signal);
    try {
      if (stale === undefined) return (await done).give();
      const softMs = options.softTimeout ?? softTimeoutMsDefault;
      const first = await orLate(done, this.needs.clock, softMs, settled.signal);
      if (first !== late) return first.give();
      return this.#isServable(stale, reader) ? this.#serveStale(stale) : (await done).give();
    } catch (error) {
      if (reader.signal?.aborted !== true && stale && this.#isServable(stale, reader)) {
        return this.#serveStale(stale);
      }
      throw error;
    } finally {
      settled.abort();
    }
  }

  /** Also at this moment no hard event has come since it was captured. */
  #isServable(stale: Look, reader: Reader): boolean {
    const { log } = this.needs;
    const isSeen = reader.after <= log.applied || stale.position >= reader.after;
    const isValid = stale.position >= log.hard(stale.key, stale.tags);
    return isSeen && isValid && this.needs.now() < stale.dead;
  }

  #serveStale(look: Look): unknown {
    this.needs.counters.staleServed += 1;
    return give(look);
  }

  #launch(reader: Reader, request: Request, stale: Look | undefined, audience: Audience): Flight {
    const { log, clock, isStrict, counters } = this.needs;
    const startedAt = clock.mono();
    // Captured before the factory runs: what it reads holds every change up to here.
    const position = log.known;
    const newest = log.newest(request.key, request.options.tags ?? []);
    const capture = {
      position,
      token: log.position(position),
      applied: log.applied,
      minData: highestOf([...log.data.required(newest), ...reader.data]),
      stale: stale && { give: () => give(stale), etag: () => etagOf(stale.kept, stale.codec) },
    };
    const land = (landing: Flight, landed: Landed | undefined) => {
      this.#running.delete(landing);
      if (this.#flights.get(request.key) === landing) this.#flights.delete(request.key);
      this.needs.observe(request.region, (clock.mono() - startedAt) / 1_000);
      if (landed === undefined) return this.#failed(request);
      const reason = this.#keep(landing, landed, request, reader.fills);
      if (reason !== undefined) counters.discard(reason);
    };
    const flight = new Flight(request, capture, { clock, isStrict, land });
    this.#running.add(flight);
    if (audience === 'shared') this.#flights.set(request.key, flight);
    return flight;
  }

  #failed({ key, options }: Request): void {
    this.needs.counters.factoryErrors += 1;
    const until = this.needs.now() + (options.failSafeHold ?? failSafeHoldMsDefault);
    this.needs.l1.retryAt(key, until);
  }

  /** @returns why it was not stored. */
  #keep(
    flight: Flight,
    { prepared, value }: Landed,
    { key, options, region }: Request,
    fills: boolean,
  ): DiscardReason | undefined {
    const { log, l1 } = this.needs;
    if (prepared === undefined) return value === undefined ? undefined : 'codec';
    if (!fills) return 'scope';
    const times = timesOf(options, value, flight.ttl, this.needs);
    if (times === undefined || this.#isClosed) return 'ttl';
    const { applied } = flight.capture;
    const hasRead = flight.readAts.size > 0;
    const position = hasRead ? Math.min(flight.capture.position, applied) : flight.capture.position;
    const newest = log.newest(key, flight.tags);
    if (position < newest) return 'invalidated';
    if (hasRead && !log.data.isReady) return 'data_unknown';
    if (![...flight.readAts.values()].every((at) => log.data.isEnough(newest, at))) return 'data';
    const newestOf = (tag: string) => log.newestOfTag(tag);
    const { kept, codec, bytes } = prepared;
    const tags = [...flight.tags];
    l1.put({ key, kept, codec, bytes, position, ...times, tags, region, newestOf });
    return undefined;
  }
}

function closedProblem(): Problem {
  return new Problem('The cache is closed.', { code: 'cache.closed', kind: 'unavailable' });
}

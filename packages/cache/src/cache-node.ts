import { Problem, type Clock } from '@plinth/core';

import type { EntryOptions } from './cache.ts';
import type { Counters, MissReason } from './counters.ts';
import { highestOf } from './data-rings.ts';
import { Deadlines } from './deadlines.ts';
import type { Fills } from './fills.ts';
import { Flight, type Landed, type Request, type StaleValue } from './flight.ts';
import { missed, type L1, type Look } from './l1.ts';
import { reasonOf, type Judge, type Reader, type Verdict } from './judge.ts';
import type { LogView } from './log-view.ts';
import { checkName, checkTags } from './names.ts';
import type { Pending } from './pending.ts';
import { toPosition, type DataPosition } from './position.ts';
import type { SecondLevel } from './second-level.ts';
import { etagOf, give } from './values.ts';
import { settle } from './settle.ts';
import { orLate } from './waits.ts';

const failSafeHoldMsDefault = 5_000;
const closeMsMax = 2_000;

export interface NodeNeeds {
  readonly clock: Clock;
  readonly l1: L1;
  readonly log: LogView;
  readonly pending: Pending;
  readonly judge: Judge;
  readonly fills: Fills;
  readonly level: SecondLevel | undefined;
  readonly counters: Counters;
  /** How long a reader waits for what its position names. */
  readonly catchUpMs: number;
  /** The time of L1. */
  now(): number;
  /** What a codec refuses is thrown; else it is counted and not kept. */
  readonly isStrict: boolean;
  observe(region: number, seconds: number): void;
}

interface Launch {
  readonly stale: Look | undefined;
  readonly audience: 'shared' | 'private';
  /** The cache may be read at all, for this reader. */
  readonly searches: boolean;
  readonly isEager: boolean;
  /** Why L1 had nothing, for the count. */
  readonly reason: MissReason | undefined;
}

/**
 * The read path of one process. `usable(e) ⇔ pos(e) ≥ max(floor, newest event of its key and tags)`: every
 * mechanism errs by asking for more, which is a needless miss and never an old value.
 */
export class CacheNode {
  readonly needs: NodeNeeds;
  readonly #judge: Judge;
  readonly #flights = new Map<string, Flight>();
  readonly #running = new Set<Flight>();
  readonly #deadlines: Deadlines;
  #isClosed = false;

  constructor(needs: NodeNeeds) {
    this.needs = needs;
    this.#judge = needs.judge;
    this.#deadlines = new Deadlines(needs.clock);
  }

  get flights(): number {
    return this.#running.size;
  }

  /** The hot path: the value or `missed`. */
  peek(reader: Reader, key: string): unknown {
    const { after } = reader;
    if (after !== -1 && (reader.epoch !== this.needs.log.epoch || after > this.needs.log.applied)) {
      return missed;
    }
    return this.needs.l1.hit(key);
  }

  /** After `peek` missed. @returns the value, or a promise of it. */
  read(reader: Reader, request: Request): unknown {
    this.check(request.key, request.options);
    const { log, counters } = this.needs;
    if (this.#judge.isForeign(reader)) {
      counters.bypassed += 1;
      const how = { stale: undefined, audience: 'private', searches: false } as const;
      return this.#own(reader, request, { ...how, isEager: false, reason: 'unverifiable' });
    }
    const look = this.needs.l1.look(request.key);
    const verdict = this.#judge.of(look, reader);
    if (look !== undefined && verdict === 'fresh') return this.#fresh(look, reader, request);
    if (reader.after > log.applied) return this.#catchUp(reader, request);
    return this.#readPast(look, verdict, reader, request);
  }

  /** Waits, not for long, until this node has heard what the reader has. */
  async reach(reader: Reader): Promise<void> {
    const { log, clock, catchUpMs } = this.needs;
    if (reader.after <= log.applied) return;
    const settled = new AbortController();
    const given = clock.sleep(catchUpMs, settled.signal).catch(() => undefined);
    await log.reach(reader.after, given);
    settled.abort();
  }

  /** A flight that this reader may wait for. */
  join(reader: Reader, key: string, tags: readonly string[]): Flight | undefined {
    const flight = this.#flights.get(key);
    if (flight === undefined) return undefined;
    return this.#judge.mayJoin(flight, reader, key, tags) ? flight : undefined;
  }

  /** @throws {Problem} `cache.closed`, `cache.invalid_name`. */
  check(key: string, { tags = [] }: EntryOptions): void {
    if (this.#isClosed) throw closedProblem();
    checkName(key);
    checkTags(tags);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.needs.l1.clearBefore(Infinity);
    const settled = new AbortController();
    const landed = Promise.allSettled([...this.#running].map(({ done }) => done));
    await orLate(landed, this.needs.clock, closeMsMax, settled.signal);
    settled.abort();
    for (const flight of this.#running) flight.abort(closedProblem());
  }

  #fresh(look: Look, reader: Reader, request: Request): unknown {
    const { counters, l1 } = this.needs;
    counters.hits[request.region] = (counters.hits[request.region] ?? 0) + 1;
    l1.touch(request.key);
    if (this.needs.now() >= look.due && look.due < look.expiry && reader.fills) {
      l1.setDue(request.key, look.expiry);
      const how = { stale: look, audience: 'shared', searches: true } as const;
      this.#launch(reader, request, { ...how, isEager: true, reason: undefined });
    }
    return give(look);
  }

  #readPast(look: Look | undefined, verdict: Verdict, reader: Reader, request: Request): unknown {
    if (look !== undefined && verdict === 'held') return this.#serveStale(look);
    const reason = reasonOf(verdict);
    const stale = verdict === 'stale' ? look : undefined;
    const joined = this.join(reader, request.key, request.options.tags ?? []);
    if (joined !== undefined) {
      if (reason !== undefined) this.needs.counters.miss(request.region, reason);
      return this.await(joined, reader, request, stale);
    }
    const audience = reader.fills ? 'shared' : 'private';
    const how = { stale, audience, searches: true, isEager: false, reason } as const;
    return this.#own(reader, request, how);
  }

  /** Only what is at the reader's position or newer counts, where the log does not come so far in time. */
  async #catchUp(reader: Reader, request: Request): Promise<unknown> {
    await this.reach(reader);
    const look = this.needs.l1.look(request.key);
    const verdict = this.#judge.of(look, reader);
    if (look !== undefined && verdict === 'fresh') return this.#fresh(look, reader, request);
    return this.#readPast(look, verdict, reader, request);
  }

  /** A flight of this reader's own began after all that it can know: what it brings needs no test. */
  #own(reader: Reader, request: Request, how: Launch): unknown {
    const flight = this.#launch(reader, request, how);
    return this.#settle(flight, reader, request, how.stale);
  }

  /** Waits for a flight that somebody else began. */
  async await(flight: Flight, reader: Reader, request: Request, stale?: Look): Promise<unknown> {
    const isBehindNow = this.needs.log.known > flight.capture.position;
    const tagsThen = isBehindNow ? new Set(flight.tags) : undefined;
    const value = await this.#settle(flight, reader, request, stale);
    if (this.#judge.mayHave(flight, reader, request, tagsThen)) return value;
    const how = { stale, audience: 'shared', searches: true } as const;
    return this.#own(reader, request, { ...how, isEager: false, reason: undefined });
  }

  #settle(
    flight: Flight,
    reader: Reader,
    request: Request,
    stale: Look | undefined,
  ): Promise<unknown> {
    const { clock, l1, level } = this.needs;
    const mayBeStale = stale !== undefined || level !== undefined;
    const grace = () => this.#judge.servable(stale ?? l1.look(request.key), reader);
    const serve = (look: Look) => this.#serveStale(look);
    return settle(flight.done, reader.signal, request, { clock, mayBeStale, grace, serve });
  }

  #serveStale(look: Look): unknown {
    this.needs.counters.staleServed += 1;
    return give(look);
  }

  /** What a source must have reached for its data to be of use to this reader. */
  #minDataOf(reader: Reader, key: string, tags: readonly string[] = []): readonly DataPosition[] {
    const { log } = this.needs;
    if (log.data.isEmpty) return highestOf(reader.data);
    return highestOf([...log.data.required(log.newest(key, tags)), ...reader.data]);
  }

  #launch(reader: Reader, request: Request, how: Launch): Flight {
    const { log, clock, isStrict, pending } = this.needs;
    const deadlines = this.#deadlines;
    const { key, options } = request;
    const startedAt = clock.mono();
    // Captured before the factory runs: what it reads holds every change up to here.
    const { epoch, known: position } = log;
    const capture = {
      position,
      token: () => toPosition(epoch, position),
      generation: log.generation,
      pended: pending.count,
      startedAt,
      applied: log.applied,
      minData: this.#minDataOf(reader, key, options.tags),
      stale: how.stale === undefined ? undefined : staleValueOf(how.stale),
    };
    const land = (landing: Flight, landed: Landed | undefined) =>
      this.#land(landing, landed, request, reader.fills);
    const grace = () => {
      const look = this.#judge.servable(this.needs.l1.look(key), reader);
      return look === undefined || look.isUntouched ? undefined : staleValueOf(look);
    };
    const search = this.#searchOf(reader, request, how);
    const flight = new Flight(request, capture, { deadlines, isStrict, land, search, grace });
    this.#running.add(flight);
    if (how.audience === 'shared') this.#flights.set(key, flight);
    return flight;
  }

  #land(flight: Flight, landed: Landed | undefined, request: Request, fills: boolean): void {
    const { key, region, options } = request;
    const { clock, counters, l1, level } = this.needs;
    this.#running.delete(flight);
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    if (landed === undefined) {
      counters.factoryErrors += 1;
      l1.retryAt(key, this.needs.now() + (options.failSafeHold ?? failSafeHoldMsDefault));
    } else if (!this.#isClosed) {
      this.needs.fills.land(flight, landed, request, fills);
    }
    level?.release(flight, key);
    if (landed?.found === undefined) {
      this.needs.observe(region, (clock.mono() - flight.capture.startedAt) / 1_000);
    }
  }

  /** How a flight looks for the value elsewhere; undefined: nowhere, the factory runs in this turn. */
  #searchOf(reader: Reader, request: Request, { reason, searches, isEager, audience }: Launch) {
    const { level, counters } = this.needs;
    const count = () => {
      if (reason !== undefined) counters.miss(request.region, reason);
    };
    if (!searches || level === undefined || !level.isReadable(request.options)) {
      count();
      return undefined;
    }
    const { batch, region } = request;
    batch?.enter();
    let isProbed = batch === undefined;
    const probed = () => {
      if (!isProbed) batch?.leave();
      isProbed = true;
    };
    const takesLease = audience === 'shared';
    const { after, data } = reader;
    const search = { after, data, isEager, takesLease, probed };
    return async (flight: Flight) => {
      const found = await level.search(flight, request, search);
      if (found === undefined) count();
      else counters.hit2(region);
      return found;
    };
  }
}

function staleValueOf(look: Look): StaleValue {
  return { give: () => give(look), etag: () => etagOf(look.kept, look.codec) };
}

function closedProblem(): Problem {
  return new Problem('The cache is closed.', { code: 'cache.closed', kind: 'unavailable' });
}

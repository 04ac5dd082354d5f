import type { Counters, DiscardReason } from './counters.ts';
import type { Flight, Landed, Request } from './flight.ts';
import type { L1 } from './l1.ts';
import type { LogView } from './log-view.ts';
import type { Pending } from './pending.ts';
import type { Found, SecondLevel } from './second-level.ts';
import { lifeOf, timesOf } from './times.ts';
import type { Prepared } from './values.ts';

export interface FillNeeds {
  readonly l1: L1;
  readonly log: LogView;
  readonly pending: Pending;
  readonly level: SecondLevel | undefined;
  readonly counters: Counters;
  /** While the log is not heard, a fill lives this long, in L1 only. */
  readonly blindTtlMs: number;
  readonly random: () => number;
  now(): number;
}

/** A value that was set, at its place in the log. */
export interface Fixed {
  readonly request: Request;
  readonly prepared: Prepared;
  readonly value: unknown;
  readonly position: number;
}

/** The gate that every fill passes: what may be older than an invalidation of its names is not stored. */
export class Fills {
  readonly #needs: FillNeeds;

  constructor(needs: FillNeeds) {
    this.#needs = needs;
  }

  /** Stores what a flight has brought, or counts why not. */
  land(flight: Flight, landed: Landed, request: Request, fills: boolean): void {
    if (landed.found !== undefined) {
      this.found(landed.found, request, flight.capture.generation);
      return;
    }
    const reason = this.#keep(flight, landed, request, fills);
    if (reason !== undefined) this.#needs.counters.discard(reason);
  }

  /** What the second level had goes into L1 with its own position. */
  found(found: Found, request: Request, generation: number): void {
    const { log, pending } = this.#needs;
    const { prepared, position, times, tags } = found;
    if (request.options.l1 === false || generation !== log.generation) return;
    if (position < log.newest(request.key, tags)) return;
    if (pending.isSince(-1, request.key, tags)) return;
    this.#putL1(request, prepared, { position, times, tags });
  }

  /** For a `set` that has its place, and for one whose event is pending, which lives as long as a blind fill. */
  fix({ request, prepared, value, position }: Fixed, isPending: boolean): void {
    const { options } = request;
    const lifeMs = lifeOf(options, value, undefined, this.#needs.random);
    if (lifeMs === 0) return;
    const tags = [...new Set(options.tags)];
    const shortMs = isPending ? Math.min(lifeMs, this.#needs.blindTtlMs) : lifeMs;
    const times = timesOf(options, this.#needs.now(), shortMs);
    if (options.l1 !== false && shortMs > 0)
      this.#putL1(request, prepared, { position, times, tags });
    const { level } = this.#needs;
    if (isPending || level === undefined || !level.isReadable(options)) return;
    void level.put({ request, prepared, position, tags, lifeMs, factoryMs: 0, data: undefined });
  }

  /** @returns why it was not stored. */
  #keep(
    flight: Flight,
    { prepared, value }: Landed,
    request: Request,
    fills: boolean,
  ): DiscardReason | undefined {
    const { random } = this.#needs;
    if (prepared === undefined) return value === undefined ? undefined : 'codec';
    if (!fills) return 'scope';
    const lifeMs = lifeOf(request.options, value, flight.ttl, random);
    if (lifeMs === 0) return 'ttl';
    return (
      this.#refusal(flight, request.key, positionOf(flight)) ??
      this.#keepFor(flight, prepared, request, lifeMs)
    );
  }

  #keepFor(
    flight: Flight,
    prepared: Prepared,
    request: Request,
    lifeMs: number,
  ): DiscardReason | undefined {
    const { log, level, now, blindTtlMs } = this.#needs;
    const { options } = request;
    const { startedAt } = flight.capture;
    const blindSince = log.blindSince(now());
    const isBlind = blindSince !== Infinity;
    if (isBlind && (blindTtlMs === 0 || startedAt <= blindSince)) return 'blind';
    const tags = [...flight.tags];
    const position = positionOf(flight);
    const times = timesOf(options, now(), isBlind ? Math.min(lifeMs, blindTtlMs) : lifeMs);
    if (options.l1 !== false) this.#putL1(request, prepared, { position, times, tags });
    if (level === undefined || !level.isReadable(options)) return undefined;
    const [data] = flight.readAts.values();
    const factoryMs = now() - startedAt;
    void level.put({ request, prepared, position, tags, lifeMs, factoryMs, data });
    return undefined;
  }

  #refusal(flight: Flight, key: string, position: number): DiscardReason | undefined {
    const { log, pending } = this.#needs;
    const { generation, pended } = flight.capture;
    if (generation !== log.generation) return 'epoch';
    const newest = log.newest(key, flight.tags);
    if (position < newest) return 'invalidated';
    if (pending.isSince(pended, key, flight.tags)) return 'pending';
    if (flight.readAts.size === 0) return undefined;
    if (!log.data.isReady) return 'data_unknown';
    const isEnough = [...flight.readAts.values()].every((at) => log.data.isEnough(newest, at));
    return isEnough ? undefined : 'data';
  }

  #putL1(
    { key, region }: Request,
    { kept, codec, bytes }: Prepared,
    { position, times, tags }: Pick<Found, 'position' | 'times' | 'tags'>,
  ): void {
    const { l1, log } = this.#needs;
    const newestOf = (tag: string) => log.newestOfTag(tag);
    l1.put({ key, kept, codec, bytes, position, ...times, tags, region, newestOf });
  }
}

/** What was read elsewhere is as old as what this node had applied: events it only knew of require nothing yet. */
function positionOf({ readAts, capture }: Flight): number {
  return readAts.size > 0 ? Math.min(capture.position, capture.applied) : capture.position;
}

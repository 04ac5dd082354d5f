import type { Clock } from '@plinth/core';

import type { EntryOptions } from './cache.ts';
import type { Counters, MissReason } from './counters.ts';
import { isBehind } from './data-rings.ts';
import type { Flight, Request } from './flight.ts';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import type { L1 } from './l1.ts';
import type { LogView } from './log-view.ts';
import { decodePayload, encodePayload } from './payload.ts';
import type { Pending } from './pending.ts';
import type { Store } from './ports.ts';
import type { DataPosition } from './position.ts';
import { timesOf, type Times } from './times.ts';
import type { Prepared } from './values.ts';

const leaseMs = 1_000;
const renewMs = 400;
const hardTimeoutMsDefault = 10_000;
/** Waits between two looks at who has the lease; the last one repeats. */
const pollMs = [2, 3, 5, 8, 13, 20, 30];
const pollMsLast = 50;

export interface LevelNeeds {
  readonly store: Store;
  readonly log: LogView;
  readonly l1: L1;
  readonly pending: Pending;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Of this process, in the leases that it takes. */
  readonly nodeId: string;
  now(): number;
}

/** A value that the second level had. */
export interface Found {
  readonly prepared: Prepared;
  /** Its own: what was invalidated between it and now is not in it. */
  readonly position: number;
  readonly times: Times;
  readonly tags: readonly string[];
}

/** For whom it is looked for. */
export interface Search {
  /** Nothing older. */
  readonly after: number;
  /** A refresh before its time: a value that is due for one itself is none. */
  readonly isEager: boolean;
  /** Read of a source that was not behind these. */
  readonly data: readonly DataPosition[];
  readonly takesLease: boolean;
  /** Told once it is clear whether the value was there or who loads it. */
  probed(): void;
}

export interface Keep {
  readonly request: Request;
  readonly prepared: Prepared;
  readonly position: number;
  readonly tags: readonly string[];
  readonly lifeMs: number;
  readonly factoryMs: number;
  readonly data: DataPosition | undefined;
}

type Judged = Found | MissReason;
type Asked = Pick<Search, 'after' | 'isEager' | 'data'>;

/** The read and write path to the store that processes share. None of its failures may give a wrong value. */
export class SecondLevel {
  readonly #needs: LevelNeeds;
  /** Leases that this node holds, and how to stop renewing them. */
  readonly #held = new Map<Flight, () => void>();

  constructor(needs: LevelNeeds) {
    this.#needs = needs;
  }

  isReadable({ l2 = true }: EntryOptions): boolean {
    const { store, log, now } = this.#needs;
    return l2 && store.isOpen && log.blindSince(now()) === Infinity;
  }

  /** @returns undefined when this node is to run the factory. */
  async search(flight: Flight, request: Request, search: Search): Promise<Found | undefined> {
    try {
      const first = await this.find(request, search);
      if (typeof first === 'object') return first;
      const { lease = true } = request.options;
      if (!lease || !search.takesLease) return undefined;
      return await this.#waitForLease(flight, request, search);
    } catch {
      // The store is late or away: whoever asks loads for itself.
      this.#needs.counters.trouble('read');
      return undefined;
    } finally {
      search.probed();
    }
  }

  /** @throws what the store throws. */
  async find(request: Request, search: Asked): Promise<Judged> {
    const bytes = await this.#needs.store.get(request.key);
    return bytes === undefined ? 'absent' : this.#judge(bytes, request, search);
  }

  /** Not awaited by any reader. A slow one may overwrite a newer one: its position says what it is worth. */
  async put({ request, prepared, position, tags, lifeMs, factoryMs, data }: Keep): Promise<void> {
    const { store, log, counters } = this.#needs;
    const { epoch, generation } = log;
    const writtenAt = store.now();
    try {
      const payload = await encodePayload(prepared, request.options);
      if (payload === undefined || generation !== log.generation) return;
      const failSafeMs = request.options.failSafe || 0;
      const frame = encodeFrame({
        ...payload,
        epoch,
        seq: position,
        writtenAt,
        ttlMs: lifeMs,
        failSafeMs,
        factoryUs: factoryMs * 1_000,
        tags,
        data,
      });
      await store.put(request.key, frame, Math.max(1, Math.round(lifeMs + failSafeMs)));
    } catch {
      // A fill that does not arrive is a miss.
      counters.trouble('write');
    }
  }

  /** The flight is over: the key's lease is free, if this node had it. */
  release(flight: Flight, key: string): void {
    const stop = this.#held.get(flight);
    if (stop === undefined) return;
    stop();
    this.#held.delete(flight);
    // It ends by itself where this does not arrive.
    this.#needs.store.unlease(key).catch(() => this.#needs.counters.trouble('write'));
  }

  /** Housekeeping: what is gone by the log is gone from the store. */
  drop(keys: readonly string[]): void {
    if (keys.length === 0 || !this.#needs.store.isOpen) return;
    this.#needs.store.drop(keys).catch(() => this.#needs.counters.trouble('write'));
  }

  async #waitForLease(
    flight: Flight,
    request: Request,
    search: Search,
  ): Promise<Found | undefined> {
    const { store, log, clock, counters, nodeId } = this.#needs;
    const { key, options } = request;
    const began = clock.mono();
    const { hardTimeout = hardTimeoutMsDefault } = options;
    const patienceMs = hardTimeout / 2;
    const me = `${nodeId} ${log.epoch} ${flight.capture.position}`;
    for (let tries = 0; ; tries += 1) {
      const { holder, value } = await store.lease(key, me, { ttlMs: leaseMs, force: false });
      const judged = value === undefined ? 'absent' : await this.#judge(value, request, search);
      if (holder === undefined) this.#hold(flight, key);
      if (typeof judged === 'object') {
        if (holder === undefined) this.release(flight, key);
        else counters.lease('waited');
        return judged;
      }
      if (holder === undefined) {
        counters.lease(tries === 0 ? 'own' : 'taken_over');
        return undefined;
      }
      if (!this.#loadsForUs(holder, request, search)) {
        await store.lease(key, me, { ttlMs: leaseMs, force: true });
        this.#hold(flight, key);
        counters.lease('taken_over');
        return undefined;
      }
      search.probed();
      if (clock.mono() - began > patienceMs) break;
      await clock.sleep(pollMs[tries] ?? pollMsLast, flight.signal);
    }
    counters.lease('expired');
    return undefined;
  }

  /** Its factory began after all that we know of. */
  #loadsForUs(holder: string, { key, options }: Request, { after }: Search): boolean {
    const { log } = this.#needs;
    const [, epoch, position] = holder.split(' ');
    const needed = Math.max(after, log.newest(key, options.tags ?? []));
    return Number(epoch) === log.epoch && Number(position) >= needed;
  }

  #hold(flight: Flight, key: string): void {
    const { clock, store, counters } = this.#needs;
    if (flight.isAborted) return;
    const stop = clock.every(renewMs, async () => {
      await store.renew(key, leaseMs).catch(() => counters.trouble('write'));
    });
    this.#held.set(flight, stop);
  }

  #judge(bytes: Uint8Array, request: Request, search: Asked): Judged | Promise<Judged> {
    const frame = decodeFrame(bytes);
    if (frame === undefined) return 'corrupt';
    const before = this.#weigh(frame, request, search);
    if (before === 'unverifiable' || before === 'invalidated' || before === 'absent') return before;
    const decoded = decodePayload(frame, request.options);
    if (!(decoded instanceof Promise)) return this.#found(frame, decoded, before, request);
    // Events may have come while it was unpacked.
    return decoded.then((prepared) =>
      this.#found(frame, prepared, this.#weigh(frame, request, search), request),
    );
  }

  #found(
    frame: Frame,
    prepared: Prepared | undefined,
    verdict: MissReason | 'fresh' | 'stale',
    request: Request,
  ): Judged {
    if (prepared === undefined) return 'corrupt';
    const position = frame.seq;
    const { tags } = frame;
    const times = this.#timesOf(frame, request.options);
    if (verdict === 'fresh') return { prepared, position, times, tags };
    if (verdict === 'stale') this.#keepStale(request, { prepared, position, times, tags });
    return verdict === 'stale' ? 'expired' : verdict;
  }

  /** The rule, and then time. */
  #weigh(
    frame: Frame,
    { key, options }: Request,
    { after, isEager, data }: Asked,
  ): MissReason | 'fresh' | 'stale' {
    const { log, pending } = this.#needs;
    if (frame.epoch !== log.epoch || isTooOld(frame.data, data)) return 'unverifiable';
    const tags = [...frame.tags, ...(options.tags ?? [])];
    if (pending.isSince(-1, key, tags)) return 'invalidated';
    if (frame.seq < Math.max(log.hard(key, tags), after > log.applied ? after : -1)) {
      return 'invalidated';
    }
    const isUntouched = frame.seq >= log.newest(key, tags);
    return this.#weighTime(this.#timesOf(frame, options), options, isUntouched, isEager);
  }

  #weighTime(
    times: Times,
    { failSafe }: EntryOptions,
    isUntouched: boolean,
    isEager: boolean,
  ): 'fresh' | 'stale' | 'expired' {
    const now = this.#needs.now();
    if (now >= times.dead) return 'expired';
    if (!isUntouched || now >= times.expiry) return failSafe ? 'stale' : 'expired';
    return isEager && now >= times.due ? 'expired' : 'fresh';
  }

  #timesOf({ writtenAt, ttlMs }: Frame, options: EntryOptions): Times {
    const age = Math.max(0, this.#needs.store.now() - writtenAt);
    return timesOf(options, this.#needs.now() - age, ttlMs);
  }

  /** Good for a failing factory: L1 has it as it would have its own. */
  #keepStale({ key, region }: Request, { prepared, position, times, tags }: Found): void {
    const { l1, log } = this.#needs;
    const own = l1.look(key);
    if (own !== undefined && own.position >= position) return;
    const newestOf = (tag: string) => log.newestOfTag(tag);
    const { kept, codec, bytes } = prepared;
    l1.put({ key, kept, codec, bytes, position, ...times, tags, region, newestOf });
    l1.expire(key, Infinity);
  }
}

function isTooOld(read: DataPosition | undefined, asked: readonly DataPosition[]): boolean {
  return asked.some((one) => read?.source === one.source && isBehind(read, one));
}

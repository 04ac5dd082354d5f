import type { Clock } from '@plinth/core';

import type { Connection } from './connection.ts';
import type { PoolStats } from './database.ts';
import { cancelledProblem, draining, unavailableProblem } from './errors.ts';
import type { LaneRead } from './host-pool.ts';
import { Lane, skipped } from './lane.ts';
import type { PoolMetrics } from './metrics.ts';
import type { BatchAnswer, Wire } from './wire/wire.ts';

export interface LanesOptions {
  readonly name: string;
  readonly max: number;
  readonly acquireMs: number;
  readonly clock: Clock;
  readonly metrics: PoolMetrics;
  /** False where a pooler stands between, which lends sessions to others as well. */
  readonly hasSettings: boolean;
  connect(): Promise<Connection>;
}

/** More would wait behind each other for longer than for a free lane. */
const inFlightMax = 32;
/** A lane that carries so many is worth another one beside it. */
const growAt = 2;
/** What is at the head for longer may hold up all behind it: nothing new goes there. */
const headMsMax = 20;
const sweepMs = 250;
const idleMsMax = 300_000;
const ageMsMax = 3_600_000;
const waitersMax = 128;

/** Shared connections for short reads: each carries many batches at once, and the shortest gets the next. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes: Lane[] = [];
  readonly #waiters: PromiseWithResolvers<void>[] = [];
  readonly #stopSweep: () => void;
  #opening: Promise<Lane> | undefined;
  #bornAfterMs = Number.NEGATIVE_INFINITY;
  #isDraining = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#stopSweep = options.clock.every(sweepMs, () => this.#sweep());
  }

  async read(read: LaneRead): Promise<BatchAnswer> {
    const { signal, wire } = read;
    const scope = this.#options.hasSettings ? read.laneScope() : undefined;
    if (scope === undefined) return this.batch([read.scope(), wire], signal);
    if (signal.aborted) throw cancelledProblem(signal.reason);
    const lane = this.#pick() ?? (await this.#wait(signal));
    const answer = await lane.join(scope, wire);
    if (answer === skipped) return this.batch([scope, wire], signal);
    this.#waiters.shift()?.resolve();
    return answer;
  }

  async batch(wires: readonly Wire[], signal: AbortSignal): Promise<BatchAnswer> {
    if (signal.aborted) throw cancelledProblem(signal.reason);
    const lane = this.#pick() ?? (await this.#wait(signal));
    const answer = await lane.send(wires);
    this.#waiters.shift()?.resolve();
    return answer;
  }

  renew(): void {
    this.#bornAfterMs = this.#options.clock.mono();
    this.#sweep();
  }

  abandon(): void {
    for (const { connection } of this.#lanes.splice(0)) connection.destroy();
  }

  stats(): PoolStats {
    const { name, max } = this.#options;
    const used = this.#lanes.filter(({ count }) => count > 0).length;
    return { name, max, used, idle: this.#lanes.length - used, waiting: this.#waiters.length };
  }

  /** What is in flight is answered; a lane that does not answer is cut off at the deadline. */
  async drain(deadlineMs: number): Promise<{ finished: number; cancelled: number }> {
    this.#isDraining = true;
    this.#stopSweep();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(draining());
    await this.#opening?.catch(() => undefined);
    const lanes = this.#lanes.splice(0);
    const inFlight = lanes.reduce((sum, { count }) => sum + count, 0);
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, deadlineMs);
    await Promise.race([Promise.all(lanes.map((lane) => lane.close())), deadline]);
    clearTimeout(timer);
    const cancelled = lanes.reduce((sum, { count }) => sum + count, 0);
    for (const { connection } of lanes) connection.destroy();
    return { finished: inFlight - cancelled, cancelled };
  }

  /** The one that gathers reads in this tick, else the shortest that is not held up. Where it is busy already, another one is opened beside. */
  #pick(): Lane | undefined {
    if (this.#isDraining) throw draining();
    const now = this.#options.clock.mono();
    let shortest: Lane | undefined;
    let shortestCount = inFlightMax;
    for (const lane of this.#lanes) {
      const { count } = lane;
      const isFree = lane.headMs(now) <= headMsMax && !lane.connection.isRetired();
      if (!isFree || count >= inFlightMax) continue;
      if (lane.isGathering) return lane;
      if (count < shortestCount) {
        shortest = lane;
        shortestCount = count;
      }
    }
    // Nobody waits for it: whoever needs it finds out by `#wait`.
    if (shortest === undefined || shortestCount >= growAt) this.#grow()?.catch(() => undefined);
    return shortest;
  }

  #grow(): Promise<Lane> | undefined {
    if (this.#opening !== undefined) return this.#opening;
    if (this.#lanes.length >= this.#options.max) return undefined;
    this.#opening = this.#open();
    return this.#opening;
  }

  async #open(): Promise<Lane> {
    try {
      const connection = await this.#options.connect();
      const lane = new Lane(connection, this.#options.clock);
      this.#lanes.push(lane);
      connection.onEnd = () => this.#remove(lane);
      this.#waiters.shift()?.resolve();
      return lane;
    } catch (error) {
      throw unavailableProblem('The database gives no connection.', error);
    } finally {
      this.#opening = undefined;
    }
  }

  #remove(lane: Lane): void {
    const at = this.#lanes.indexOf(lane);
    if (at >= 0) this.#lanes.splice(at, 1);
    this.#waiters.shift()?.resolve();
  }

  /** Until a lane has room, or a new one is open. */
  async #wait(signal: AbortSignal): Promise<Lane> {
    const { metrics, clock, acquireMs } = this.#options;
    const startedMs = clock.mono();
    if (this.#lanes.length === 0) await this.#grow();
    for (;;) {
      const lane = this.#pick();
      if (lane !== undefined) {
        metrics.waited(clock.mono() - startedMs);
        return lane;
      }
      const leftMs = acquireMs - (clock.mono() - startedMs);
      if (this.#waiters.length >= waitersMax || leftMs <= 0) {
        metrics.timedOut();
        throw unavailableProblem('No lane of the database became free in time.');
      }
      if (signal.aborted) throw cancelledProblem(signal.reason);
      await this.#turn(Math.min(leftMs, headMsMax));
    }
  }

  /** Ends when something was answered or opened, or after `ms`: a lane may have been given up meanwhile. */
  async #turn(ms: number): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiters.push(waiter);
    const timer = setTimeout(() => {
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
      waiter.resolve();
    }, ms);
    await waiter.promise.finally(() => clearTimeout(timer));
  }

  #sweep(): void {
    const now = this.#options.clock.mono();
    for (const lane of this.#lanes.slice()) {
      const { connection } = lane;
      const isOld =
        connection.bornMs <= this.#bornAfterMs ||
        now - connection.bornMs > ageMsMax ||
        (this.#lanes.length > 1 && lane.idleMs(now) > idleMsMax);
      if (lane.isDeaf(now)) connection.destroy();
      else if (isOld) this.#leave(lane);
    }
  }

  /** It answers what it carries and takes nothing new. */
  #leave(lane: Lane): void {
    this.#remove(lane);
    lane.close().catch(() => lane.connection.destroy());
  }
}

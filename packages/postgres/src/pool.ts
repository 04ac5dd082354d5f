import type { Clock } from '@plinth/core';

import type { Connection } from './connection.ts';
import type { PoolStats } from './database.ts';
import { cancelledProblem, draining, unavailableProblem } from './errors.ts';
import type { DrainReport, HostPool, LaneOptions, LaneRead } from './host-pool.ts';
import { Lanes, type LanesOptions } from './lanes.ts';
import type { PoolMetrics } from './metrics.ts';
import type { BatchAnswer, Wire } from './wire/wire.ts';

export interface PoolOptions {
  readonly name: string;
  readonly max: number;
  readonly acquireMs: number;
  readonly clock: Clock;
  readonly metrics: PoolMetrics;
  /** Shared connections for short reads; without them such reads have one of their own each. */
  readonly lanes?: LanesOptions;
  connect(): Promise<Connection>;
}

/** Past it the next caller is refused at once: a late answer helps nobody. */
const queuePerConnection = 10;
const idleMsMax = 300_000;
const ageMsMax = 3_600_000;
const ageSpreadMs = 360_000;
const sweepMs = 30_000;
const idleMin = 1;

interface Waiter {
  grant(connection: Connection): void;
  fail(error: unknown): void;
}

/** First come, first served; a caller has its connection alone until it gives it back. */
export class Pool implements HostPool {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #lanes: Lanes | undefined;
  readonly #idle: Connection[] = [];
  readonly #used = new Set<Connection>();
  readonly #waiters: Waiter[] = [];
  readonly #stopSweep: () => void;
  #opening = 0;
  #bornAfterMs = Number.NEGATIVE_INFINITY;
  #isDraining = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.name = options.name;
    this.#lanes = options.lanes === undefined ? undefined : new Lanes(options.lanes);
    this.#stopSweep = options.clock.every(sweepMs, () => this.#sweep());
  }

  /** @throws {Problem} `postgres.unavailable` when the queue is full, the time is up or nothing listens. */
  async acquire(signal: AbortSignal): Promise<Connection> {
    if (this.#isDraining) throw draining();
    const { clock, max, metrics } = this.#options;
    const startedMs = clock.mono();
    const connection =
      this.#takeIdle() ??
      (this.#used.size + this.#opening < max ? await this.#open() : await this.#wait(signal));
    this.#used.add(connection);
    metrics.waited(clock.mono() - startedMs);
    return connection;
  }

  batch(wires: readonly Wire[], { signal }: LaneOptions): Promise<BatchAnswer> {
    return this.#lanes?.batch(wires, signal) ?? this.#batchAlone(wires, signal);
  }

  read(read: LaneRead): Promise<BatchAnswer> {
    return this.#lanes?.read(read) ?? this.#batchAlone([read.scope(), read.wire], read.signal);
  }

  async #batchAlone(wires: readonly Wire[], signal: AbortSignal): Promise<BatchAnswer> {
    const connection = await this.acquire(signal);
    try {
      return await connection.batch(wires);
    } finally {
      this.release(connection);
    }
  }

  release(connection: Connection): void {
    this.#used.delete(connection);
    connection.idleSinceMs = this.#options.clock.mono();
    if (this.#isDraining || !this.#isFresh(connection)) void this.#drop(connection);
    else this.#idle.push(connection);
    this.#serveNext();
  }

  abandon(): void {
    this.renew();
    this.#lanes?.abandon();
    for (const connection of [...this.#idle.splice(0), ...this.#used]) connection.destroy();
  }

  /** Connections of before are closed as they come back: their prepared statements no longer fit. */
  renew(): void {
    this.#bornAfterMs = this.#options.clock.mono();
    this.#lanes?.renew();
  }

  stats(): PoolStats[] {
    const { name, max } = this.#options;
    const used = this.#used.size;
    const own = { name, max, used, idle: this.#idle.length, waiting: this.#waiters.length };
    return this.#lanes === undefined ? [own] : [own, this.#lanes.stats()];
  }

  /** Refuses new callers and waits for those that have a connection. */
  async drain(deadlineMs: number): Promise<DrainReport> {
    const lanes = this.#lanes?.drain(deadlineMs);
    this.#isDraining = true;
    this.#stopSweep();
    const inFlight = this.#used.size;
    for (const waiter of this.#waiters.splice(0)) waiter.fail(draining());
    await Promise.all(this.#idle.splice(0).map((connection) => this.#drop(connection)));
    await this.#emptied(deadlineMs);
    const cancelled = this.#used.size;
    for (const connection of this.#used) connection.destroy();
    const shared = (await lanes) ?? { finished: 0, cancelled: 0 };
    return {
      finished: shared.finished + inFlight - cancelled,
      cancelled: shared.cancelled + cancelled,
    };
  }

  #isFresh(connection: Connection): boolean {
    const ageMs = this.#options.clock.mono() - connection.bornMs;
    // Spread, so that connections opened together do not all end together.
    const spreadMs = Math.floor(connection.bornMs * 1_000) % ageSpreadMs;
    return (
      !connection.isRetired() &&
      connection.bornMs > this.#bornAfterMs &&
      ageMs < ageMsMax - spreadMs
    );
  }

  async #drop(connection: Connection): Promise<void> {
    connection.retire();
    await connection.close().catch(() => connection.destroy());
  }

  #sweep(): void {
    const now = this.#options.clock.mono();
    for (const connection of this.#idle.splice(0)) {
      const isSpare = this.#idle.length >= idleMin && now - connection.idleSinceMs > idleMsMax;
      if (isSpare || !this.#isFresh(connection)) void this.#drop(connection);
      else this.#idle.push(connection);
    }
  }

  #takeIdle(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || this.#isFresh(connection)) return connection;
      void this.#drop(connection);
    }
  }

  async #open(): Promise<Connection> {
    this.#opening += 1;
    try {
      return await this.#options.connect();
    } catch (error) {
      queueMicrotask(() => this.#serveNext());
      throw unavailableProblem('The database gives no connection.', error);
    } finally {
      this.#opening -= 1;
    }
  }

  /** A place became free: the next in the queue gets a connection, old or new. */
  #serveNext(): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      if (this.#used.size === 0) this.#whenEmpty?.();
      return;
    }
    const connection = this.#takeIdle();
    if (connection === undefined) this.#open().then(waiter.grant, waiter.fail);
    else waiter.grant(connection);
  }

  async #wait(signal: AbortSignal): Promise<Connection> {
    const { max, metrics, acquireMs } = this.#options;
    if (this.#waiters.length >= max * queuePerConnection) {
      metrics.timedOut();
      throw unavailableProblem('Too many callers wait for a connection of the database.');
    }
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    let isOver = false;
    const waiter: Waiter = {
      // Whoever gave up while a new connection was on its way leaves it to the next.
      grant: (connection) => (isOver ? this.release(connection) : resolve(connection)),
      fail: reject,
    };
    const giveUp = (error: unknown) => {
      isOver = true;
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
      reject(error);
    };
    const onAbort = () => giveUp(cancelledProblem(signal.reason));
    const timer = setTimeout(() => {
      metrics.timedOut();
      giveUp(unavailableProblem('No connection of the database became free in time.'));
    }, acquireMs);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiters.push(waiter);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #emptied(deadlineMs: number): Promise<void> {
    if (this.#used.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenEmpty = resolve;
    const timer = setTimeout(resolve, deadlineMs);
    await promise;
    clearTimeout(timer);
  }
}

import type { Clock } from '@plinth/core';
import { Cluster, type ChainableCommander, type Redis } from 'ioredis';

import type { LeaseAnswer, Store } from '../ports.ts';
import { Breaker } from './breaker.ts';
import { away } from './place.ts';

const batchMax = 128;
const unlinkMax = 512;

export interface StoreOptions {
  readonly client: Redis | Cluster;
  readonly ns: string;
  readonly clock: Clock;
  /** Each call's deadline. */
  readonly timeoutMs: number;
  /** Ms to be added to the clock's `mono` for the servers' own time. */
  offsetMs(): number;
}

interface Waiting {
  readonly name: string;
  resolve(value: Uint8Array | undefined): void;
  reject(error: unknown): void;
}

/** Values and leases. The reads of one turn leave together: one MGET where one server has all keys. */
export class RedisStore implements Store {
  readonly #options: StoreOptions;
  readonly #breaker: Breaker;
  readonly #isCluster: boolean;
  #waiting: Waiting[] = [];

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#isCluster = options.client instanceof Cluster;
    const { client, clock } = options;
    this.#breaker = new Breaker(
      () => clock.mono(),
      () => this.#inTime(client.get(this.#valueKey('probe'))),
    );
  }

  get isOpen(): boolean {
    return this.#breaker.isClosed;
  }

  now(): number {
    return this.#options.clock.mono() + this.#options.offsetMs();
  }

  get(key: string): Promise<Uint8Array | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push({ name: this.#valueKey(key), resolve, reject });
    return promise;
  }

  async put(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    await this.#guarded(this.#options.client.set(this.#valueKey(key), bytes, 'PX', ttlMs));
  }

  async drop(keys: readonly string[]): Promise<void> {
    const names = keys.map((key) => this.#valueKey(key));
    const { client } = this.#options;
    if (this.#isCluster) {
      await this.#guarded(Promise.all(names.map((name) => client.unlink(name))));
      return;
    }
    for (let at = 0; at < names.length; at += unlinkMax) {
      await this.#guarded(client.unlink(...names.slice(at, at + unlinkMax)));
    }
  }

  async lease(
    key: string,
    holder: string,
    { ttlMs, force }: { readonly ttlMs: number; readonly force: boolean },
  ): Promise<LeaseAnswer> {
    const name = this.#leaseKey(key);
    // The second read closes the gap between a miss and a holder that finished meanwhile.
    const commands: ChainableCommander = this.#options.client.pipeline();
    if (force) commands.set(name, holder, 'PX', ttlMs);
    else commands.set(name, holder, 'PX', ttlMs, 'NX', 'GET');
    commands.getBuffer(this.#valueKey(key));
    const answers = await this.#guarded(commands.exec());
    const [[failure, old] = [], [otherFailure, value] = []] = answers ?? [];
    const error = failure ?? otherFailure;
    if (error instanceof Error) throw error;
    const isMine = force || old === null;
    return {
      holder: isMine ? undefined : typeof old === 'string' ? old : '',
      value: Buffer.isBuffer(value) ? value : undefined,
    };
  }

  async renew(key: string, ttlMs: number): Promise<void> {
    await this.#guarded(this.#options.client.pexpire(this.#leaseKey(key), ttlMs));
  }

  async unlease(key: string): Promise<void> {
    await this.#guarded(this.#options.client.unlink(this.#leaseKey(key)));
  }

  async close(): Promise<void> {
    this.#options.client.disconnect();
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#isCluster) {
      for (const one of waiting) void this.#read([one]);
      return;
    }
    for (let at = 0; at < waiting.length; at += batchMax) {
      void this.#read(waiting.slice(at, at + batchMax));
    }
  }

  async #read(batch: readonly Waiting[]): Promise<void> {
    const { client } = this.#options;
    try {
      const [first] = batch;
      const work =
        batch.length === 1 && first !== undefined
          ? client.getBuffer(first.name).then((value) => [value])
          : client.mgetBuffer(...batch.map(({ name }) => name));
      const values = await this.#guarded(work);
      for (const [i, { resolve }] of batch.entries()) resolve(values[i] ?? undefined);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #guarded<result>(work: Promise<result>): Promise<result> {
    try {
      const result = await this.#inTime(work);
      this.#breaker.succeeded();
      return result;
    } catch (error) {
      this.#breaker.failed(error === tooLate);
      throw error;
    }
  }

  async #inTime<result>(work: Promise<result>): Promise<result> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(tooLate), this.#options.timeoutMs);
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #valueKey(key: string): string {
    return `${this.#options.ns}:v1:{${escapeBraces(key)}}`;
  }

  #leaseKey(key: string): string {
    return `${this.#options.ns}:l:{${escapeBraces(key)}}`;
  }
}

const tooLate = away('The second level did not answer in time.');

function escapeBraces(key: string): string {
  return /[%{}]/u.test(key) ? key.replaceAll(/[%{}]/gu, encodeURIComponent) : key;
}

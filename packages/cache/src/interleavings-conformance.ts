import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Clock } from '@plinth/core';

import type { Cache, EntryOptions, FactoryContext } from './cache.ts';
import type { CacheOptions } from './create-cache.ts';
import type { Position } from './position.ts';
import { createRandom } from './seeded-random.ts';

// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const interleavings = process.env['PLINTH_TEST_LONG'] === '1' ? 25_000 : 3_000;
const stepsMax = 16;
const keys = ['a', 'b'] as const;
type Key = (typeof keys)[number];

type Open = (t: TestContext, options: Partial<CacheOptions>) => Promise<Cache>;

/** Random steps of readers, factories and writers; each turn ends before the next step. The seed is printed. */
export function testInterleavings(name: string, open: Open): void {
  const seed = Number(
    process.argv.find((one) => one.startsWith('--seed='))?.slice(7) ?? 20_260_115,
  );

  test(`${name} gives no old value in ${interleavings} random interleavings of seed ${seed}`, async (t) => {
    const random = createRandom(seed);
    const time = { ms: 0 };
    const clock: Clock = {
      now: () => time.ms,
      mono: () => time.ms,
      // Timeouts are no part of these interleavings: nothing hangs for ever.
      sleep: (_ms, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
      every: () => () => undefined,
    };
    const cache = await open(t, { clock, random });
    for (let run = 0; run < interleavings; run += 1) {
      const world = new World(cache, random, time, `run ${run} of seed ${seed}`);
      await world.begin();
      for (let step = 0; step < stepsMax; step += 1) await world.step();
      await world.end();
    }
    const { hits, misses, staleServed, discarded } = cache.stats();
    for (const count of [hits, misses, staleServed, discarded]) {
      assert(
        count > interleavings / 50,
        `each path was taken: ${hits} ${misses} ${staleServed} ${discarded}`,
      );
    }
  });
}

const lived: EntryOptions = {
  ttl: 300,
  jitter: 0.2,
  eager: 0.5,
  failSafe: 1_000,
  failSafeHold: 50,
};

interface Load {
  readonly key: Key;
  readonly context: FactoryContext<number>;
  /** What it has read of the source; undefined: not yet. */
  version: number | undefined;
  give(version: number): void;
  fail(): void;
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** The source, its readers and its writers, for one run over a cleared cache. */
class World {
  readonly #cache: Cache;
  readonly #random: () => number;
  readonly #time: { ms: number };
  readonly #where: string;
  /** Committed. */
  readonly #version = { a: 0, b: 0 };
  /** Invalidated hard, and told so: no reader that begins now may see less. */
  readonly #known = { a: 0, b: 0 };
  readonly #loads = new Set<Load>();
  readonly #reads: Promise<void>[] = [];
  readonly #marks: { key: Key; mark: Position; version: number }[] = [];

  constructor(cache: Cache, random: () => number, time: { ms: number }, where: string) {
    this.#cache = cache;
    this.#random = random;
    this.#time = time;
    this.#where = where;
  }

  async begin(): Promise<void> {
    for (const key of keys) await this.#cache.set(key, 0, { ...lived, tags: [`t:${key}`] });
  }

  async step(): Promise<void> {
    const key = this.#random() < 0.7 ? 'a' : 'b';
    const choice = this.#random();
    if (choice < 0.3) this.#read(key);
    else if (choice < 0.5) this.#load();
    else if (choice < 0.7) this.#land();
    else if (choice < 0.82) await this.#write(key);
    else if (choice < 0.93) this.#time.ms += Math.floor(this.#random() * 500);
    else if (choice < 0.97) this.#mark(key);
    else await this.#set();
    await turn();
  }

  /** All factories end, all readers are answered, and what is left has been checked. */
  async end(): Promise<void> {
    while (this.#loads.size > 0) {
      this.#load();
      this.#land();
      await turn();
    }
    await Promise.all(this.#reads);
    await this.#cache.clear();
    this.#time.ms += 1_000_000;
    await turn();
  }

  #read(key: Key): void {
    const least = this.#known[key];
    const check = (value: number | null | undefined) => {
      if (value === undefined || value === null || value < 0) return;
      assert(value >= least, `${this.#where}: ${key} gave ${value} when ${least} was known`);
    };
    const options = { ...lived, tags: this.#random() < 0.5 ? [`t:${key}`] : [] };
    const factory = (context: FactoryContext<number>) => this.#begin(key, context);
    const memo = this.#random() < 0.1;
    const reader = memo ? this.#cache.scope({ memo, after: this.#cache.mark() }) : this.#cache;
    const value = reader.getOrSet<number>(key, factory, options);
    // A failure without a value in grace is an answer too.
    const settled = Promise.resolve(value).then(check, (error: unknown) => {
      assert(error instanceof Error && error.message === 'away', String(error));
    });
    this.#reads.push(settled);
  }

  #begin(key: Key, context: FactoryContext<number>): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const load: Load = {
      key,
      context,
      version: undefined,
      give: resolve,
      fail: () => reject(new Error('away')),
    };
    this.#loads.add(load);
    return promise;
  }

  #load(): void {
    const waiting = [...this.#loads].filter(({ version }) => version === undefined);
    const load = this.#pick(waiting);
    if (load !== undefined) load.version = this.#version[load.key];
  }

  #land(): void {
    const load = this.#pick([...this.#loads].filter(({ version }) => version !== undefined));
    if (load?.version === undefined) return;
    this.#loads.delete(load);
    // The tag that names it is found while reading, or was given before.
    load.context.tag(`t:${load.key}`);
    if (this.#random() < 0.4) load.fail();
    else load.give(load.version);
  }

  async #write(key: Key): Promise<void> {
    this.#version[key] += 1;
    const committed = this.#version[key];
    if (this.#random() < 0.3) await turn();
    const how = this.#random();
    const soft = how < 0.15;
    if (how > 0.97) {
      await this.#cache.clear();
      this.#known.a = Math.max(this.#known.a, key === 'a' ? committed : this.#known.a);
      this.#known.b = Math.max(this.#known.b, key === 'b' ? committed : this.#known.b);
      return;
    }
    const names = this.#random() < 0.5 ? { keys: [key] } : { tags: [`t:${key}`] };
    await this.#cache.invalidate(names, { soft });
    if (!soft) this.#known[key] = Math.max(this.#known[key], committed);
  }

  #mark(key: Key): void {
    const mark = this.#cache.mark();
    this.#marks.push({ key, mark, version: this.#version[key] });
  }

  async #set(): Promise<void> {
    const marked = this.#pick(this.#marks);
    if (marked === undefined) return;
    const { key, mark, version } = marked;
    await this.#cache.set(key, version, { ...lived, tags: [`t:${key}`], mark });
  }

  #pick<one>(all: readonly one[]): one | undefined {
    return all[Math.floor(this.#random() * all.length)];
  }
}

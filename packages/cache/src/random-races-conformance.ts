import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EntryOptions } from './cache.ts';
import type { Position } from './position.ts';
import { createRandom } from './seeded-random.ts';
import type { ConnectNode, HeldNode } from './shared-conformance.ts';

// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const races = process.env['PLINTH_TEST_LONG'] === '1' ? 24_000 : 1_200;
const actors = 12;
const keys = ['a', 'b', 'c', 'd'] as const;
type Key = (typeof keys)[number];

interface Known {
  readonly version: number;
  readonly token: Position;
}

/** The source, three nodes, and what each of them was told. */
class Races {
  readonly #nodes: readonly HeldNode[];
  readonly #random: () => number;
  readonly #source: Record<Key, number> = { a: 0, b: 0, c: 0, d: 0 };
  /** By node: what an invalidation that resolved there says at least. */
  readonly #told: Record<Key, number>[];
  readonly #tokens = new Map<Key, Known>();
  count = 0;

  constructor(nodes: readonly HeldNode[], random: () => number) {
    this.#nodes = nodes;
    this.#random = random;
    this.#told = nodes.map(() => ({ a: 0, b: 0, c: 0, d: 0 }));
  }

  async act(): Promise<void> {
    while (this.count < races) {
      this.count += 1;
      const key = keys[Math.floor(this.#random() * keys.length)] ?? 'a';
      const at = Math.floor(this.#random() * this.#nodes.length);
      const choice = this.#random();
      if (choice < 0.15) await this.#write(at, key);
      else await this.#read(at, key, choice < 0.4);
    }
  }

  async #read(at: number, key: Key, withToken: boolean): Promise<void> {
    const cache = this.#nodes[at]?.cache;
    assert(cache !== undefined, 'there are three nodes');
    const known = withToken ? this.#tokens.get(key) : undefined;
    const least = Math.max(this.#told[at]?.[key] ?? 0, known?.version ?? 0);
    const options: EntryOptions = { ttl: 60_000, eager: false, tags: [`t:${key}`] };
    const reader = known === undefined ? cache : cache.scope({ after: known.token });
    const value = await reader.getOrSet(key, async () => this.#load(key), options);
    assert(value >= least, `node ${at} gave ${value} of ${key} when it could know of ${least}`);
  }

  /** Read at once, handed on some turns later. */
  async #load(key: Key): Promise<number> {
    const version = this.#source[key];
    const turns = Math.floor(this.#random() * 4);
    for (let i = 0; i < turns; i += 1) await new Promise((resolve) => void setImmediate(resolve));
    return version;
  }

  async #write(at: number, key: Key): Promise<void> {
    const cache = this.#nodes[at]?.cache;
    assert(cache !== undefined, 'there are three nodes');
    const version = (this.#source[key] += 1);
    const names = this.#random() < 0.5 ? { keys: [key] } : { tags: [`t:${key}`] };
    const { position } = await cache.invalidate(names);
    const told = this.#told[at];
    if (told !== undefined) told[key] = Math.max(told[key], version);
    const isNewer = version > (this.#tokens.get(key)?.version ?? 0);
    if (position !== undefined && isNewer) this.#tokens.set(key, { version, token: position });
  }
}

/** Readers and writers on three nodes at once; each read is judged by what it could know when it began. */
export function testRandomRaces(name: string, connect: ConnectNode): void {
  const seed = 20_260_115;

  test(`${name} gives no old value in ${races} random races of seed ${seed} on three nodes`, async (t) => {
    const nodes = [await connect(t), await connect(t), await connect(t)];
    const run = new Races(nodes, createRandom(seed));

    await Promise.all(Array.from({ length: actors }, () => run.act()));

    assert(run.count >= races, 'all of them ran');
    const hits = nodes.reduce((sum, { cache }) => sum + cache.stats().hits, 0);
    assert(hits > races / 20, `there was something to be wrong about: ${hits} hits`);
  });
}

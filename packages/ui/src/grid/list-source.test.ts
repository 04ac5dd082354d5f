import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';

import { fakeListServer, type FakeRow } from '../testing/fake-list-server.ts';
import type { Timers } from './list-options.ts';
import { listSource } from './list-source.ts';
import type { PageQuery } from './row-source.ts';

/** Timers that a test moves on by hand. */
class FakeTimers implements Timers {
  #now = 0;
  readonly #waiting = new Set<{ at: number; run: () => void }>();

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#waiting.add(timer);
    return () => this.#waiting.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#waiting) {
      if (timer.at > this.#now || !this.#waiting.delete(timer)) continue;
      timer.run();
    }
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function open(n: number, more: { around?: string; fails?: number } = {}) {
  const server = fakeListServer(n);
  server.fail(more.fails ?? 0);
  const timers = new FakeTimers();
  const asked: PageQuery[] = [];
  const source = listSource({
    page: (query, signal) => {
      asked.push(query);
      return server.page(query, signal);
    },
    rows: (ids) => server.rows(ids),
    timers,
    around: more.around,
  });
  source.want(0, 30, 0);
  await settled();
  return { server, source, timers, asked };
}

test('the first window comes at once, what lies beyond by cursor', async () => {
  const { source, asked } = await open(1_000);

  source.want(80, 110, 300);
  await settled();

  equal(source.rowAt(0)?.number, 'INV-2026-000999');
  equal(source.rowAt(150)?.number, 'INV-2026-000849');
  deepEqual(asked, [{ limit: 100 }, { limit: 100, after: '900' }]);
});

test('a jump asks by rank, once the thumb rests', async () => {
  const { source, timers, asked } = await open(1_000_000);

  source.want(300_000, 300_030, 900_000);
  source.want(700_000, 700_030, 900_000);
  await settled();
  equal(asked.length, 1);
  timers.advance(80);
  await settled();

  equal(source.rowAt(700_000)?.number, 'INV-2026-299999');
  equal(asked[1]?.rank, 699_965);
});

test('a thumb that moves on gets a window every 250 ms', async () => {
  const { source, timers, asked } = await open(1_000_000);

  for (let step = 1; step <= 10; step += 1) {
    source.want(step * 50_000, step * 50_000 + 30, 900_000);
    timers.advance(50);
  }

  equal(asked.length - 1, 2);
});

test('a window that failed is asked again by retry only', async () => {
  const { source, asked } = await open(500, { fails: 1 });

  source.want(0, 30, 0);
  await settled();
  equal(source.ready, false);
  equal(source.waitingAt(0), 'failed');
  equal(asked.length, 1);
  source.retry();
  await settled();

  equal(source.rowAt(3)?.number, 'INV-2026-000496');
});

test('after five seconds without answer a window is slow', async () => {
  const timers = new FakeTimers();
  const source = listSource<FakeRow>({ page: () => new Promise(() => undefined), timers });
  source.want(0, 30, 0);

  timers.advance(5_000);

  equal(source.waitingAt(0), 'slow');
  source.close();
});

test('changed rows are patched, rows that left stay as gone, new ones are counted', async () => {
  const { server, source } = await open(500);
  const changed = source.rowAt(4)?.id ?? '';
  const removed = source.rowAt(7)?.id ?? '';
  const told: (readonly string[])[] = [];
  source.subscribe(({ rows }) => rows && told.push(rows));
  server.change(changed);
  server.remove(7);
  const added = server.insert();

  source.refresh([changed, removed, added]);
  source.arrived([added, changed]);
  await settled();

  equal(source.rowAt(4)?.status, 'settled');
  equal(source.isGone(removed), true);
  equal(source.rankOf(removed), 7);
  equal(source.fresh, 1);
  deepEqual(told, [[changed, removed]]);
});

test('reload brings what is new, at the top', async () => {
  const { server, source } = await open(500);
  const added = server.insert();
  source.arrived([added]);
  const moves: number[] = [];
  source.subscribe(({ moveTo }) => moveTo !== undefined && moves.push(moveTo));

  source.reload();
  await settled();

  equal(source.rowAt(0)?.id, added);
  equal(source.fresh, 0);
  deepEqual(moves, [0]);
});

test('around opens the list at its row', async () => {
  const id = (await fakeListServer(1_000_000).page({ limit: 1, rank: 700_000 })).items[0]?.id ?? '';
  const server = fakeListServer(1_000_000);
  const source = listSource({ page: (query) => server.page(query), around: id });
  const moves: number[] = [];
  source.subscribe(({ moveTo }) => moveTo !== undefined && moves.push(moveTo));

  source.want(0, 30, 0);
  await settled();

  deepEqual(moves, [700_000]);
  equal(source.rankOf(id), 700_000);
});

test('what is held stays below its limit over 200 jumps', async () => {
  const { source } = await open(1_000_000);

  for (let jump = 0; jump < 200; jump += 1) {
    source.want(jump * 4_900, jump * 4_900 + 30, 0);
    await settled();
  }

  let held = 0;
  for (let rank = 0; rank < 1_000_000; rank += 50) if (source.rowAt(rank) !== undefined) held += 1;
  ok(held <= 122, `${held} half blocks`);
});

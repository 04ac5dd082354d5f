import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Kept, Proofs, Server } from './islands-fixture.ts';
import { Islands, type View } from './islands.ts';

function check(
  islands: Islands<Kept>,
  server: Server,
  proofs: Proofs,
  keys: Map<string, number>,
): void {
  const seen = new Set<string>();
  let end = 0;
  for (const { base, ids } of islands.runs) {
    ok(base >= end, `islands overlap at ${base}`);
    end = base + ids.length;
    for (const [at, id] of ids.entries()) {
      ok(!seen.has(id), `${id} twice`);
      seen.add(id);
      const next = ids[at + 1];
      if (next === undefined) continue;
      const [low, high] = [keys.get(id) ?? 0, keys.get(next) ?? 0];
      ok(low < high, `${id} before ${next}`);
      const proven = proofs.of(id, next);
      ok(proven !== undefined, `${id} ${next} never seen side by side`);
      const missed = server.rows.find(
        ({ key, created }) => key > low && key < high && created <= proven,
      );
      equal(missed, undefined);
    }
  }
  ok(end <= islands.total.n, `rows up to ${end} of ${islands.total.n}`);
}

type Step =
  | { readonly act: 'insert'; readonly key: number }
  | { readonly act: 'delete'; readonly at: number }
  | { readonly act: 'jump' | 'scroll'; readonly by: number }
  | { readonly act: 'load' | 'evict' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('insert' as const),
      key: fc.integer({ min: 0, max: 5_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('delete' as const), at: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('jump' as const), by: fc.nat(1_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('scroll' as const),
      by: fc.integer({ min: -14, max: 14 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ act: fc.constant('load' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('evict' as const) }) },
);

const limit = 10;

/** Loads one window of what the view lacks, checks everything, and says whether there was anything to load. */
function load(world: World): boolean {
  const { islands, server, proofs, keys } = world;
  const wanted = islands.missing(world.view, limit);
  if (wanted === undefined) return false;
  const page = server.answer(wanted);
  proofs.note(page, wanted, server.now());
  for (const { id, key } of page.items) keys.set(id, key);
  const seen = seenRows(world);
  const shift = islands.insert(page, wanted, world.view);
  world.view = { from: world.view.from + shift, to: world.view.to + shift };
  const kept = seen.find(([, id]) => islands.rankOf(id) !== undefined);
  if (kept) equal(islands.rowAt(world.view.from + kept[0])?.id, kept[1], 'the view moved');
  check(islands, server, proofs, keys);
  return true;
}

interface World {
  readonly islands: Islands<Kept>;
  readonly server: Server;
  readonly proofs: Proofs;
  readonly keys: Map<string, number>;
  view: View;
}

function newWorld(rowCount: number): World {
  const server = new Server();
  for (let n = 0; n < rowCount; n += 1) server.insert(n * 10);
  return {
    islands: new Islands(),
    server,
    proofs: new Proofs(),
    keys: new Map(),
    view: { from: 0, to: 6 },
  };
}

/** The view's rows: the first that is still known must not move. */
function seenRows({ islands, view }: World): [number, string][] {
  return Array.from({ length: view.to - view.from }, (_, at): [number, string][] => {
    const row = islands.rowAt(view.from + at);
    return row === undefined ? [] : [[at, row.id]];
  }).flat();
}

function move(world: World, from: number): void {
  const clamped = Math.max(0, Math.min(from, world.islands.total.n - 6));
  world.view = { from: clamped, to: clamped + 6 };
}

function run(world: World, step: Step): void {
  switch (step.act) {
    case 'insert':
      return world.server.insert(step.key);
    case 'delete':
      return world.server.delete(step.at);
    case 'jump':
      return move(world, step.by % Math.max(1, world.islands.total.n));
    case 'scroll':
      return move(world, world.view.from + step.by);
    case 'evict':
      return world.islands.evict(world.view, 4);
    case 'load':
      load(world);
  }
}

test('islands keep order, have no duplicate and no gap, and what is in view does not move', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 120 }),
      fc.array(steps, { maxLength: 120 }),
      (rowCount, path) => {
        const world = newWorld(rowCount);

        for (const step of path) {
          run(world, step);
          check(world.islands, world.server, world.proofs, world.keys);
        }
      },
    ),
    { numRuns: 10_000 },
  );
});

test('a quiet list settles: the view fills and every rank is the server’s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 120 }),
      fc.array(steps, { maxLength: 60 }),
      (rowCount, path) => {
        const world = newWorld(rowCount);
        for (const step of path) run(world, step);
        world.islands.clear();
        for (let from = 0; from < 130; from += 5) {
          move(world, from);
          let loads = 0;
          while (load(world)) {
            loads += 1;
            ok(loads < 10, 'it asks for ever');
          }
        }

        const { server, islands } = world;
        deepEqual(
          islands.runs.map(({ base, ids }) => [base, ...ids]),
          server.rows.length === 0 ? [] : [[0, ...server.rows.map(({ id }) => id)]],
        );
        deepEqual(islands.total, { n: server.rows.length, exact: true });
      },
    ),
    { numRuns: 500 },
  );
});

test('a view that is not full always gets filled, also after rows came and went', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 120 }),
      fc.array(steps, { maxLength: 60 }),
      (rowCount, path) => {
        const world = newWorld(rowCount);
        for (const step of path) {
          run(world, step);
          let loads = 0;
          while (load(world)) {
            loads += 1;
            ok(loads < 12, 'it asks for ever');
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('patch replaces rows in place', () => {
  const world = newWorld(8);
  load(world);

  world.islands.patch([{ id: 'r3', version: '2', key: 20 }]);

  equal(world.islands.rowAt(2)?.version, '2');
  equal(world.islands.rankOf('r3'), 2);
});

test('evicting the middle splits an island and keeps both edges’ cursors', () => {
  const world = newWorld(60);
  for (let from = 0; from <= 40; from += 10) {
    move(world, from);
    while (load(world));
  }

  move(world, 0);
  load(world);
  world.islands.missing({ from: 40, to: 46 }, limit);
  world.islands.evict(world.view, 3);

  const [first, second] = world.islands.runs;
  ok(first !== undefined && second !== undefined);
  deepEqual(
    world.islands.missing({ from: first.ids.length, to: first.ids.length + 4 }, limit)?.query.after,
    '90',
  );
});

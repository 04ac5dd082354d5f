import type { Page } from './row-source.ts';

interface Named {
  readonly id: string;
}

/** Rows of one answer, in its order, and the cursors before and after them: null is an end, undefined unknown. */
export interface Block<row extends Named> {
  readonly rows: readonly row[];
  readonly prev: string | null | undefined;
  readonly next: string | null | undefined;
  /** Rises with each use: the least goes first. */
  used: number;
}

/** A run of rows whose adjacency is proven by cursors. Its ranks are as good as `base` is. */
export interface Island<row extends Named> {
  base: number;
  blocks: Block<row>[];
}

export function lengthOf(island: Island<Named>): number {
  return island.blocks.reduce((sum, { rows }) => sum + rows.length, 0);
}

export function endOf(island: Island<Named>): number {
  return island.base + lengthOf(island);
}

export function rowOf<row extends Named>(island: Island<row>, rank: number): row | undefined {
  let at = rank - island.base;
  if (at < 0) return undefined;
  for (const { rows } of island.blocks) {
    if (at < rows.length) return rows[at];
    at -= rows.length;
  }
  return undefined;
}

export function idsOf(island: Island<Named>): string[] {
  return island.blocks.flatMap(({ rows }) => rows.map(({ id }) => id));
}

export function toBlock<row extends Named>(page: Page<row & { version: string }>): Block<row> {
  return { rows: page.items, prev: page.prev, next: page.next, used: 0 };
}

/** What is left of an island, and the ids that were taken out around it. */
export interface Fragment<row extends Named> extends Island<row> {
  /** The id that stood before it and was taken out. */
  readonly after: string | undefined;
  readonly before: string | undefined;
}

/** The island without some rows: it breaks where one is taken out, since what now stands between is not known. */
export function breakAt<row extends Named>(
  island: Island<row>,
  ids: ReadonlySet<string>,
): Fragment<row>[] {
  const fragments: Fragment<row>[] = [];
  let blocks: Block<row>[] = [];
  let rank = island.base;
  let base = island.base;
  let after: string | undefined;
  const close = (before: string | undefined) => {
    if (blocks.length > 0) fragments.push({ base, blocks, after, before });
    blocks = [];
    after = before;
  };
  for (const piece of island.blocks.flatMap((block) => piecesOf(block, ids))) {
    if ('taken' in piece) {
      close(piece.taken);
      rank += 1;
      continue;
    }
    if (blocks.length === 0) base = rank;
    blocks.push(piece);
    rank += piece.rows.length;
  }
  close(undefined);
  return fragments;
}

/** A block's runs of rows that stay and, between them, those that are taken. Only outer edges keep their cursors. */
function piecesOf<row extends Named>(
  block: Block<row>,
  ids: ReadonlySet<string>,
): (Block<row> | { readonly taken: string })[] {
  if (!block.rows.some(({ id }) => ids.has(id))) return [block];
  const pieces: (Block<row> | { readonly taken: string })[] = [];
  let begin = 0;
  const cut = (end: number) => {
    if (end > begin) {
      pieces.push({
        rows: block.rows.slice(begin, end),
        prev: begin === 0 ? block.prev : undefined,
        next: end === block.rows.length ? block.next : undefined,
        used: block.used,
      });
    }
    begin = end + 1;
  };
  for (const [at, { id }] of block.rows.entries()) {
    if (!ids.has(id)) continue;
    cut(at);
    pieces.push({ taken: id });
  }
  cut(block.rows.length);
  return pieces;
}

/** Moves islands so that their ranks do not overlap; `fixed` stays, what is left of it gives way to the left. */
export function spread<row extends Named>(
  islands: readonly Island<row>[],
  fixed: Island<row>,
): void {
  const at = islands.indexOf(fixed);
  let end = endOf(fixed);
  for (const island of islands.slice(at + 1)) {
    island.base = Math.max(island.base, end);
    end = endOf(island);
  }
  let { base } = fixed;
  for (const island of islands.slice(0, at).toReversed()) {
    island.base = Math.min(island.base, base - lengthOf(island));
    ({ base } = island);
  }
}

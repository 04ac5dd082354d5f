import {
  type Block,
  breakAt,
  endOf,
  type Fragment,
  idsOf,
  type Island,
  lengthOf,
  rowOf,
  spread,
  toBlock,
} from './island.ts';
import type { Row } from './column.ts';
import { baseOf, neighboursOf, type Wanted } from './joint.ts';
import type { Page } from './row-source.ts';

/** The ranks on screen. What is seen of them does not move. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/**
 * The loaded parts of a list: islands of rows, apart by ranks that are not loaded. ui-kit.md §4.2.
 *
 * Inside an island no row is missing that was there when its neighbours were loaded; between islands the ranks are
 * the server's, put right when islands meet or reach an end.
 */
export class Islands<row extends Row> {
  total: { readonly n: number; readonly exact: boolean } = { n: 0, exact: false };
  /** False until the first answer, and after `clear`. */
  known = false;
  #islands: Island<row>[] = [];
  #tick = 0;

  get blockCount(): number {
    return this.#islands.reduce((sum, { blocks }) => sum + blocks.length, 0);
  }

  /** For tests: base and ids of each island. */
  get runs(): { readonly base: number; readonly ids: readonly string[] }[] {
    return this.#islands.map((island) => ({ base: island.base, ids: idsOf(island) }));
  }

  rowAt(rank: number): row | undefined {
    const island = this.#islandAt(rank);
    return island && rowOf(island, rank);
  }

  rankOf(id: string): number | undefined {
    for (const island of this.#islands) {
      const at = idsOf(island).indexOf(id);
      if (at >= 0) return island.base + at;
    }
    return undefined;
  }

  /**
   * Takes an answer in.
   *
   * @returns by how many ranks the rows in view moved: the scroll position moves with them.
   */
  insert(page: Page<row>, wanted: Wanted, view: View): number {
    const seen = this.#seen(view);
    this.total = page.total;
    this.known = true;
    if (page.items.length === 0) this.#closeEdge(page, wanted);
    else this.#place(page, wanted, new Set(seen.map(({ id }) => id)));
    let anchor = seen.find(({ id }) => this.rankOf(id) !== undefined);
    this.#settle(anchor?.id, page);
    if (this.#missed(wanted)) {
      // So much came and went that the ranks we have mean other rows: what was just answered is the truth.
      this.#islands = [{ base: page.rank.n, blocks: [toBlock(page)] }];
      this.total = page.total;
      anchor = seen.find(({ id }) => this.rankOf(id) !== undefined);
      this.#settle(anchor?.id, page);
    }
    return anchor === undefined ? 0 : (this.rankOf(anchor.id) ?? anchor.rank) - anchor.rank;
  }

  /** Puts newer rows in the place of those with their ids. */
  patch(rows: readonly row[]): void {
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const { blocks } of this.#islands) {
      for (const [at, block] of blocks.entries()) {
        if (!block.rows.some(({ id }) => byId.has(id))) continue;
        blocks[at] = { ...block, rows: block.rows.map((row) => byId.get(row.id) ?? row) };
      }
    }
  }

  clear(): void {
    this.known = false;
    this.#islands = [];
  }

  /** What to ask for next so that the view fills; undefined when it is full. */
  missing(view: View, limit: number): Wanted | undefined {
    const to = this.known ? Math.min(view.to, this.total.n) : view.to;
    let rank = Math.max(0, view.from);
    while (rank < to && this.rowAt(rank) !== undefined) {
      rank = this.#touch(rank);
    }
    if (rank >= to) return undefined;
    return this.#beside(rank, limit) ?? this.#byRank(rank, to, limit);
  }

  /** Drops the least used blocks that are not in view; a cut in the middle leaves two islands with their cursors. */
  evict(view: View, blocksMax: number): void {
    while (this.blockCount > blocksMax) {
      const spare = this.#blocks().filter(
        ({ rank, block }) => rank >= view.to || rank + block.rows.length <= view.from,
      );
      if (spare.length === 0) return;
      const least = spare.reduce((one, other) => (other.block.used < one.block.used ? other : one));
      const ids = new Set(least.block.rows.map(({ id }) => id));
      this.#islands = this.#islands.flatMap((island) =>
        island === least.island ? breakAt(island, ids) : [island],
      );
    }
  }

  #blocks(): { island: Island<row>; block: Block<row>; rank: number }[] {
    return this.#islands.flatMap((island) => {
      let rank = island.base;
      return island.blocks.map((block) => {
        const found = { island, block, rank };
        rank += block.rows.length;
        return found;
      });
    });
  }

  #islandAt(rank: number): Island<row> | undefined {
    return this.#islands.find((island) => rank >= island.base && rank < endOf(island));
  }

  #missed({ query, rank }: Wanted): boolean {
    return query.rank !== undefined && rank < this.total.n && this.rowAt(rank) === undefined;
  }

  /** What the user sees: the first of it that is still there afterwards does not move. */
  #seen(view: View): { id: string; rank: number }[] {
    const seen: { id: string; rank: number }[] = [];
    for (let rank = view.from; rank < view.to; rank += 1) {
      const row = this.rowAt(rank);
      if (row !== undefined) seen.push({ id: row.id, rank });
    }
    return seen;
  }

  /** Marks the block at this rank as used. @returns the first rank after it. */
  #touch(rank: number): number {
    const island = this.#islandAt(rank);
    let end = island?.base ?? rank + 1;
    for (const block of island?.blocks ?? []) {
      end += block.rows.length;
      if (rank >= end) continue;
      this.#tick += 1;
      block.used = this.#tick;
      break;
    }
    return end;
  }

  /** The window next to what is loaded: no gap, no duplicate, whatever others insert. */
  #beside(rank: number, limit: number): Wanted | undefined {
    const left = this.#islands.find((island) => endOf(island) === rank)?.blocks.at(-1);
    const leftEdge = left?.rows.at(-1)?.id;
    if (typeof left?.next === 'string' && leftEdge !== undefined) {
      return { query: { limit, after: left.next }, edge: leftEdge, rank };
    }
    const right = this.#islands.find(({ base }) => base > rank);
    return right === undefined || right.base - rank > limit
      ? undefined
      : windowBefore(right, limit);
  }

  /** A jump: the window around the rank, one row over the island before it, so that they join. */
  #byRank(rank: number, to: number, limit: number): Wanted {
    const left = this.#islands.findLast((island) => endOf(island) <= rank);
    const lead = Math.max(0, Math.floor((limit - (to - rank)) / 2));
    const least = left === undefined ? 0 : endOf(left) - 1;
    const most = this.known ? Math.max(0, this.total.n - limit) : rank;
    const start = Math.min(Math.max(least, rank - lead), Math.max(most, least));
    return { query: { limit, rank: start }, rank: start };
  }

  #closeEdge(page: Page<row>, wanted: Wanted): void {
    for (const { blocks } of this.#islands) {
      const last = blocks.length - 1;
      const [first, end] = [blocks[0], blocks[last]];
      if (wanted.query.after !== undefined && end?.rows.at(-1)?.id === wanted.edge && end) {
        blocks[last] = { ...end, next: page.next };
      }
      if (wanted.query.before !== undefined && first?.rows[0]?.id === wanted.edge && first) {
        blocks[0] = { ...first, prev: page.prev };
      }
    }
  }

  /** Breaks what the answer overlaps and joins it with the rows that it is proven to stand beside. */
  #place(page: Page<row>, wanted: Wanted, seen: ReadonlySet<string>): void {
    const ids = new Set(page.items.map(({ id }) => id));
    const fragments = this.#islands.flatMap((island) => breakAt(island, ids));
    const { after, before } = wanted.query;
    const [left, right] = neighboursOf(fragments, page, wanted);
    const block = toBlock(page);
    this.#tick += 1;
    block.used = this.#tick;
    const joined: Island<row> = {
      base: baseOf({ left, right, seen, page, wanted }),
      blocks: [...(left?.blocks ?? []), block, ...(right?.blocks ?? [])],
    };
    // What stood between rows of the answer, or between them and its edge, is there no more.
    const spanned = ({ after: low, before: high }: Fragment<row>) =>
      (low !== undefined || after !== undefined) && (high !== undefined || before !== undefined);
    const touched = ({ after: low, before: high }: Fragment<row>) => low ?? high;
    this.#islands = fragments.filter(
      (fragment) =>
        fragment !== left &&
        fragment !== right &&
        !(touched(fragment) !== undefined && spanned(fragment)),
    );
    this.#order(joined);
  }

  /** By rank; of two that claim an end of the list the newer has it, and stands there. */
  #order(joined: Island<row>): void {
    const top = joined.blocks[0]?.prev === null;
    const ended = joined.blocks.at(-1)?.next === null;
    for (const { blocks } of this.#islands) {
      const [first, last] = [blocks[0], blocks.at(-1)];
      if (top && first?.prev === null) blocks[0] = { ...first, prev: undefined };
      if (ended && last?.next === null) blocks[blocks.length - 1] = { ...last, next: undefined };
    }
    const placeOf = (island: Island<row>) => {
      if (island.blocks[0]?.prev === null) return -1;
      return island.blocks.at(-1)?.next === null ? Infinity : island.base;
    };
    this.#islands = [...this.#islands, joined].toSorted(
      (one, other) => placeOf(one) - placeOf(other) || lengthOf(one) - lengthOf(other),
    );
  }

  /** Ranks that agree with each other and with the ends of the list. */
  #settle(anchor: string | undefined, page: Page<row>): void {
    if (this.#islands.length === 0) return;
    const has = (island: Island<row>, id: string | undefined) =>
      id !== undefined && idsOf(island).includes(id);
    const fixed =
      this.#islands.find((island) => has(island, anchor)) ??
      this.#islands.find((island) => has(island, page.items[0]?.id)) ??
      this.#islands[0];
    if (fixed === undefined) return;
    spread(this.#islands, fixed);
    this.#settleTop(page.items.length);
    this.#settleEnd();
  }

  #settleTop(pageLength: number): void {
    const [first] = this.#islands;
    if (first === undefined) return;
    const top = first.blocks[0]?.prev === null;
    if (top ? first.base === 0 : first.base > 0) return;
    const base = top ? 0 : Math.max(1, pageLength);
    const [delta, fixed] = [base - first.base, first];
    if (delta > 0) for (const island of this.#islands) island.base += delta;
    else fixed.base = base;
  }

  #settleEnd(): void {
    const last = this.#islands.at(-1);
    if (last === undefined) return;
    const end = endOf(last);
    const ended = last.blocks.at(-1)?.next === null;
    if (!ended) {
      if (end >= this.total.n) this.total = { n: end + 1, exact: false };
      return;
    }
    const rest = this.#islands.at(-2);
    const base = this.total.n - lengthOf(last);
    const fits = this.total.exact && base >= (rest === undefined ? 0 : endOf(rest));
    const top = last.blocks[0]?.prev === null;
    if (fits && !top) last.base = base;
    else this.total = { n: end, exact: top };
  }
}

function windowBefore(island: Island<Row>, limit: number): Wanted | undefined {
  const [first] = island.blocks;
  const edge = first?.rows[0]?.id;
  if (typeof first?.prev !== 'string' || edge === undefined) return undefined;
  return { query: { limit, before: first.prev }, edge, rank: island.base - limit };
}

import type { Row } from './column.ts';
import { type Fragment, idsOf, lengthOf } from './island.ts';
import type { Page, PageQuery } from './row-source.ts';

/** Where an answer belongs: beside a row that was an island's edge when it was asked for, or at a rank. */
export interface Wanted {
  readonly query: PageQuery;
  readonly edge?: string;
  /** The rank that the first row should have. */
  readonly rank: number;
}

/** The fragments that are proven to stand before and after the answer. */
export function neighboursOf<row extends Row>(
  fragments: readonly Fragment<row>[],
  { items }: Page<row>,
  { query, edge }: Wanted,
): [Fragment<row> | undefined, Fragment<row> | undefined] {
  const endsWith = ({ blocks }: Fragment<row>) => blocks.at(-1)?.rows.at(-1)?.id === edge;
  const beginsWith = ({ blocks }: Fragment<row>) => blocks[0]?.rows[0]?.id === edge;
  const left =
    (query.after === undefined ? undefined : fragments.find(endsWith)) ??
    fragments.find((fragment) => fragment.before === items[0]?.id);
  const others = fragments.filter((fragment) => fragment !== left);
  const right =
    (query.before === undefined ? undefined : others.find(beginsWith)) ??
    others.find((fragment) => fragment.after === items.at(-1)?.id);
  return [left, right];
}

interface Joint<row extends Row> {
  readonly left: Fragment<row> | undefined;
  readonly right: Fragment<row> | undefined;
  /** Ids in view. */
  readonly seen: ReadonlySet<string>;
  readonly page: Page<row>;
  readonly wanted: Wanted;
}

/** The rank of a joined island's first row: the side in view keeps its ranks, else the left, else the right. */
export function baseOf<row extends Row>({ left, right, seen, page, wanted }: Joint<row>): number {
  const byRight =
    right && right.base - page.items.length - (left === undefined ? 0 : lengthOf(left));
  const inView = (island: Fragment<row>) => idsOf(island).some((id) => seen.has(id));
  if (right && byRight !== undefined && inView(right) && !(left && inView(left))) return byRight;
  return left?.base ?? byRight ?? ownBase(page, wanted);
}

/** The server's rank, unless it only guessed and missed what was asked for. */
function ownBase<row extends Row>({ rank, items }: Page<row>, wanted: Wanted): number {
  if (wanted.query.rank === undefined || rank.exact) return rank.n;
  const covers = rank.n <= wanted.rank && wanted.rank < rank.n + items.length;
  return covers ? rank.n : wanted.rank;
}

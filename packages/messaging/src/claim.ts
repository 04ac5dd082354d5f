import type { Transaction } from '@plinth/postgres';

import type { Grant, Piece } from './attempt.ts';
import { claimCarried } from './carried-table.ts';
import { claimMessages } from './delivery-table.ts';
import type { Core } from './needs.ts';

interface Claims {
  /** To be handled in this transaction. */
  readonly ours: readonly Piece[];
  /** Known to have been handled before. */
  readonly doubles: number;
  /** Handled before, or no longer ours: the lease tells which. */
  readonly missing: number;
}

/** Takes events for handling; all come from the table, or all from a broker. */
export async function claimPieces(
  tx: Transaction,
  core: Core,
  grant: Grant,
  pieces: readonly Piece[],
): Promise<Claims> {
  const fence = { ...grant, owner: core.owner };
  if (pieces[0]?.row.carried !== undefined) {
    const ids = pieces.map(({ row }) => row.id);
    const rows = await tx.many(claimCarried, { ...fence, ids });
    const claimed = new Set(rows.map(({ id }) => id));
    // A broker may give one twice: its second stays out.
    const ours = pieces.filter(({ row }) => claimed.delete(row.id));
    return { ours, doubles: 0, missing: pieces.length - ours.length };
  }
  const pos = pieces.map(({ row }) => row.pos);
  const claims = await tx.many(claimMessages, { ...fence, pos, bound: core.bound });
  const claimed = new Set(claims.filter(({ run }) => run).map((claim) => claim.pos));
  return {
    ours: pieces.filter(({ row }) => claimed.has(row.pos)),
    doubles: claims.length - claimed.size,
    missing: pieces.length - claims.length,
  };
}

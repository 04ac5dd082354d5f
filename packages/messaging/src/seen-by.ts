import { createPositionSession, primarySession, type PositionSession } from '@plinth/core';

import type { Inbound } from './delivery-table.ts';
import type { Core } from './needs.ts';

/**
 * What a handler begins with: a position that is not below the commit of any of its events, so that it reads
 * nothing older from a replica. Where none can be had, it reads at the primary.
 */
export async function seenBy(
  { database }: Core,
  pieces: readonly { readonly row: Inbound }[],
): Promise<PositionSession> {
  const known = createPositionSession();
  for (const { row } of pieces) {
    // An event that is here has been committed: what is newest now is not below it.
    const seen = row.seen ?? (await database.positions.newest());
    if (seen === undefined) return primarySession();
    known.advance(seen);
  }
  return known;
}

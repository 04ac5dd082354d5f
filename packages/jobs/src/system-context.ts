import type { Position, PositionSession } from '@plinth/core';
import type { Context, Database, Transaction } from '@plinth/postgres';

import { asWorker } from './claim-table.ts';

/** Begins with nothing seen; keeps the highest position of each cluster. */
export function createPositionSession(): PositionSession {
  const seen = new Map<string, Position>();
  let latest: Position | undefined;
  return {
    get: (cluster) => (cluster === undefined ? latest : seen.get(cluster)),
    advance(position) {
      const before = seen.get(position.cluster);
      if (before !== undefined && !isNewer(position, before)) return;
      seen.set(position.cluster, position);
      latest = position;
    },
  };
}

function isNewer(one: Position, other: Position): boolean {
  if (one.timeline !== other.timeline) return one.timeline > other.timeline;
  return one.lsn > other.lsn;
}

/** A transaction over the jobs of all tenants, and over nothing else. */
export async function writeAsWorker<result>(
  database: Database,
  work: (tx: Transaction) => Promise<result>,
): Promise<result> {
  const context: Context = {
    tenant: 'none',
    position: createPositionSession(),
    signal: new AbortController().signal,
  };
  return database.write(context, async (tx) => {
    await tx.run(asWorker, {});
    return work(tx);
  });
}

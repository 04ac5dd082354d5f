import { createPositionSession, type PositionSession } from '@plinth/core';
import type { Context, Database, Transaction } from '@plinth/postgres';

import { asWorker } from './claim-table.ts';

/** A transaction over the jobs of all tenants, and over nothing else. */
export async function writeAsWorker<result>(
  database: Database,
  work: (tx: Transaction) => Promise<result>,
  position: PositionSession = createPositionSession(),
): Promise<result> {
  const context: Context = {
    tenant: 'none',
    position,
    signal: new AbortController().signal,
  };
  return database.write(context, async (tx) => {
    await tx.run(asWorker, {});
    return work(tx);
  });
}

import { noLog, systemClock, type Clock, type Log } from '@plinth/core';

import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database.ts';
import { sql } from '../sql.ts';
import type { Rollup } from './rollup.ts';

export interface FoldingNeeds {
  readonly database: Pick<Database, 'write'>;
  readonly rollups: readonly Rollup[];
  readonly clock?: Clock;
  readonly log?: Log;
  /** Default 1,000. */
  readonly everyMs?: number;
}

const everyMsDefault = 1_000;
/** A transaction's share: what a reader adds up meanwhile, and a failover repeats. */
const foldRowsMax = 20_000;

const asWorker = sql({}, {})`set local role plinth_worker`;

/**
 * Folds each second what writers appended, in whichever process comes first. Readers see the same sums before and
 * after; without it they only read ever more deltas.
 */
export function startFolding(needs: FoldingNeeds): { stop(): Promise<void> } {
  const { clock = systemClock, log = noLog, everyMs = everyMsDefault } = needs;
  const ended = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const foldAll = async () => {
    for (const rollup of needs.rollups) {
      try {
        await foldRollup(needs.database, rollup, ended.signal);
      } catch (error) {
        // The deltas stay, and with them the sums: the next second tries again.
        if (ended.signal.aborted) return;
        log.warn('postgres.fold_failed', { rollup: rollup.name, error });
      }
    }
  };
  const end = clock.every(everyMs, () => (running = foldAll()));
  return {
    async stop() {
      end();
      ended.abort();
      await running;
    },
  };
}

/** Moves every delta that is there into the rollup. @returns how many; 0 where another session does it. */
export async function foldRollup(
  database: Pick<Database, 'write'>,
  rollup: Rollup,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const call = { fragment: `${rollup.schema}.fold_${rollup.base}` };
  const fold = sql({ rowsMax: t.int4 }, { moved: t.int4 }, { name: `rollup.fold ${rollup.name}` })`
    select ${call}(${'rowsMax'}) as moved`;
  const context: Context = {
    tenant: 'none',
    position: { get: () => undefined, advance: () => undefined },
    signal,
  };
  for (let total = 0; ;) {
    const { moved } = await database.write(context, async (tx) => {
      await tx.run(asWorker, {});
      return tx.one(fold, { rowsMax: foldRowsMax });
    });
    total += Math.max(0, moved);
    if (moved < foldRowsMax) return total;
  }
}

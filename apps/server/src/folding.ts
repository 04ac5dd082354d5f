import type { Part } from '@plinth/core';
import { startFolding } from '@plinth/postgres';

import type { Chassis } from './chassis.ts';
import { rollups } from './modules.ts';

/** Keeps the deltas few that reports add to what is folded; whichever process comes first does it. */
export function foldingPart({ database, clock, log }: Chassis): Part {
  const ends: (() => Promise<void>)[] = [];
  return {
    name: 'rollups',
    needs: ['database'],
    async start() {
      ends.push(startFolding({ database, clock, log, rollups }).stop);
    },
    async stop() {
      for (const end of ends) await end();
    },
  };
}

import type { Clock, KeyRing, Log } from '@plinth/core';

import type { Database } from './database.ts';

/** What the lists of a database work with: `createLists(needs)` in `list/`. */
export interface ListNeeds {
  readonly database: Pick<Database, 'read' | 'one' | 'maybe' | 'many'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Seals cursors, purpose `cursor`. */
  readonly keyRing: KeyRing | undefined;
}

export type Lists = Pick<Database, 'page' | 'summary' | 'rows' | 'ids' | 'walk'>;

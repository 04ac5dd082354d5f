import { implement, type Implementation, type NamedEvent } from '@plinth/contract';
import { Problem, type Clock, type Log } from '@plinth/core';
import type { Messaging } from '@plinth/messaging';
import type { Context, Database, Migrations } from '@plinth/postgres';

import { audit } from './contract.ts';
import { entryById, entryList } from './entries-table.ts';
import { recordEntries, type KnownMonths } from './record-entries.ts';
import { verifyChain } from './verify-chain.ts';

export interface AuditNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Log;
  /** The tenant's day and zone: module identity knows them. */
  calendar(context: Context): Promise<{ readonly today: string; readonly zone: string }>;
  /** All that the modules publish: each event becomes an entry. */
  readonly events: readonly NamedEvent[];
}

export { auditPartitions } from './partitions.ts';

export const migrations: Migrations = {
  module: 'audit',
  folder: new URL('../migrations/', import.meta.url),
};

/** Registers the subscription to every event on the messaging that it is given. */
export function createAudit(needs: AuditNeeds): Implementation<typeof audit> {
  const { database, calendar, log } = needs;
  const known: KnownMonths = new Set();
  needs.messaging.subscribe({
    name: 'audit.record',
    event: needs.events,
    from: 'retained',
    handle: async (envelope, { tx }) => {
      // Outside any tenant there is no chain; what happens there is in the log.
      if (envelope.tenant !== null) await recordEntries(tx, [envelope], { known, log });
    },
    handleBatch: async (envelopes, { tx }) => {
      const own = envelopes.filter(({ tenant }) => tenant !== null);
      if (own.length > 0) await recordEntries(tx, own, { known, log });
    },
  });
  return implement(audit, {
    listEntries: async (ctx, input) =>
      database.page(ctx, entryList, { ...input, ...(await calendar(ctx)) }),
    summarizeEntries: async (ctx, input) =>
      database.summary(ctx, entryList, { ...input, ...(await calendar(ctx)) }),
    entryRows: async (ctx, input) =>
      database.rows(ctx, entryList, { ...input, ...(await calendar(ctx)) }),
    async getEntry(ctx, { id }) {
      const entry = await database.maybe(ctx, entryById, { id });
      if (entry === undefined) {
        throw new Problem(`There is no entry ${id}.`, { code: 'audit.unknown', kind: 'notFound' });
      }
      return { ...entry, hash: Buffer.from(entry.hash).toString('hex') };
    },
    verifyChain: (ctx, { after = 0 }) => verifyChain(needs, ctx, after),
  });
}

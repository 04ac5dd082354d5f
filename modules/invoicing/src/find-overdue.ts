import { z } from '@plinth/core/z';
import type { Ctx } from '@plinth/core';
import { jobRef, type JobContext, type JobContract } from '@plinth/jobs';

import { invoicing } from './contract.ts';
import { daysLate } from './status.ts';
import { takeOverdue } from './overdue-table.ts';
import type { InvoicingNeeds } from './needs.ts';
import { factsOf } from './wire.ts';

const none = z.object({});
const batchMax = 500;

/** Of all tenants: one job each, so that a large one does not hold up the others. */
const overdueEverywhere: JobContract<z.output<typeof none>> = {
  name: 'invoicing.find-overdue-everywhere',
  input: none,
};
const overdueOfTenant: JobContract<z.output<typeof none>> = {
  name: 'invoicing.find-overdue',
  input: none,
  unique: { key: () => 'overdue', scope: 'queued', onConflict: 'skip' },
};

/** Every hour, since the day begins at another hour in each zone; an invoice is told once. */
export function scheduleOverdue(needs: InvoicingNeeds): void {
  const { jobs, database, tenants } = needs;
  jobs.define(overdueOfTenant, (_input, x) => findOverdue(needs, x));
  jobs.define(overdueEverywhere, async (_input, x) => {
    for await (const tenant of tenants()) {
      const ctx: Ctx = { ...x.ctx, tenant };
      await database.write(ctx, (tx) => jobs.enqueue(tx, overdueOfTenant, {}));
    }
  });
  jobs.schedule({
    name: 'invoicing.overdue',
    cron: '7 * * * *',
    zone: 'UTC',
    job: jobRef(overdueEverywhere, {}),
    missed: 'once',
    overlap: 'skip',
  });
}

/** Publishes `invoiceOverdue` for what became overdue, in transactions of 500. @returns how many. */
async function findOverdue(needs: InvoicingNeeds, x: JobContext): Promise<number> {
  const { today } = await needs.calendar(x.ctx);
  let found = 0;
  for (;;) {
    const count = await x.tx(async (tx) => {
      const rows = await takeOverdue(tx, { today, rowsMax: batchMax });
      for (const row of rows) {
        const body = { ...factsOf(row), daysLate: daysLate(row, today) };
        needs.messaging.outbox.publish(tx, invoicing.events.invoiceOverdue, body);
      }
      return rows.length;
    });
    found += count;
    if (count < batchMax) return found;
  }
}

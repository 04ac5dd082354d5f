import type { Core } from './needs.ts';
import { dropDay, makeDays } from './outbox-table.ts';
import { systemContext } from './system-context.ts';

/** More than are ever due: the loop ends by itself. */
const dropsMax = 400;

/** Partitions for the days ahead; those past their time go, one a transaction, if nobody needs or reads them. */
export async function maintain({ database, settings, log }: Core) {
  const days = await database.write(systemContext(), (tx) => tx.many(makeDays, {}));
  const made = days.filter((day) => day.made).length;
  const params = { outboxDays: settings.retentionDays, inboxDays: settings.inboxDays };
  for (let dropped = 0; dropped < dropsMax; dropped += 1) {
    const day = await database.write(systemContext(), (tx) => tx.one(dropDay, params));
    if (day.dropped === null) return { made, dropped, blocked: 0 };
    if (!day.dropped) {
      log.warn('messaging.retention_blocked', { dropped });
      return { made, dropped, blocked: 1 };
    }
  }
  return { made, dropped: dropsMax, blocked: 0 };
}

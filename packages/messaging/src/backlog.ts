import type { Core } from './needs.ts';
import { outboxBacklog } from './outbox-table.ts';
import { isAnythingLeft, subscriptionBacklogs } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

const settledPollMsMin = 10;
const settledPollMsMax = 250;

/** Writes down how far everything is. */
export async function measure({ database, metrics }: Core): Promise<void> {
  const outbox = await database.one(systemContext(), outboxBacklog, {});
  metrics.outboxPending.set(outbox.pending);
  metrics.outboxLag.set(outbox.lagSeconds);
  for (const row of await database.many(systemContext(), subscriptionBacklogs, {})) {
    const sub = row.subscription;
    metrics.deliveryPending.set(row.pending, { sub });
    metrics.deliveryLag.set(row.lagSeconds, { sub });
    metrics.laneBlocked.set(row.blockedLanes, { sub });
    for (const why of ['operator', 'lane-full']) {
      const isWhy = row.pausedBy !== null && (row.pausedBy === 'system') === (why === 'lane-full');
      metrics.paused.set(isWhy ? 1 : 0, { sub, why });
    }
  }
}

export async function untilSettled({ database, clock }: Core, signal: AbortSignal): Promise<void> {
  for (let waitMs = settledPollMsMin; ; waitMs = Math.min(waitMs * 2, settledPollMsMax)) {
    const outbox = await database.one(systemContext(signal), outboxBacklog, {});
    const { left } = await database.one(systemContext(signal), isAnythingLeft, {});
    if (outbox.pending === 0 && !left) return;
    await clock.sleep(waitMs, signal);
  }
}

import { carriedBacklog } from './binding-table.ts';
import type { Lease } from './lease.ts';
import type { Lag } from './messaging.ts';
import type { Core } from './needs.ts';
import { outboxBacklog } from './outbox-table.ts';
import { isAnythingLeft, subscriptionBacklogs } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

const settledPollMsMin = 10;
const settledPollMsMax = 250;

/** Writes down how far everything is. */
export async function measure(core: Core, leases: ReadonlyMap<string, Lease>): Promise<void> {
  const { database, metrics } = core;
  const inMemory = inMemoryOf(core, leases);
  const outbox = await database.one(systemContext(), outboxBacklog, {});
  metrics.outboxPending.set(outbox.pending);
  metrics.outboxLag.set(outbox.lagSeconds);
  for (const row of await database.many(systemContext(), subscriptionBacklogs, {})) {
    const sub = row.subscription;
    const own = inMemory.get(sub);
    // What is in a broker's queue is as old as the first of it, which its owner has.
    metrics.deliveryPending.set(row.pending + (own?.carried ?? 0), { sub });
    metrics.deliveryLag.set(Math.max(row.lagSeconds, own?.lagSeconds ?? 0), { sub });
    if (own !== undefined) metrics.paused.set(own.isShut ? 1 : 0, { sub, why: 'dependency' });
    metrics.laneBlocked.set(row.blockedLanes, { sub });
    for (const why of ['operator', 'lane-full']) {
      const isWhy = row.pausedBy !== null && (row.pausedBy === 'system') === (why === 'lane-full');
      metrics.paused.set(isWhy ? 1 : 0, { sub, why });
    }
  }
}

interface InMemory {
  carried: number;
  lagSeconds: number;
  isShut: boolean;
}

function inMemoryOf(
  { clock, transport }: Core,
  leases: ReadonlyMap<string, Lease>,
): Map<string, InMemory> {
  const found = new Map<string, InMemory>();
  for (const { subscription, backlog, oldestAt } of leases.values()) {
    const { name, gate } = subscription;
    const of = found.get(name) ?? { carried: 0, lagSeconds: 0, isShut: gate.isShut };
    found.set(name, of);
    if (transport === undefined) continue;
    of.carried += backlog;
    const ageMs = oldestAt === undefined ? 0 : clock.now() - Date.parse(oldestAt);
    of.lagSeconds = Math.max(of.lagSeconds, ageMs / 1_000);
  }
  return found;
}

/** How far each subscription is, what brokers carry included. */
export async function lagOf({ database }: Core): Promise<Lag[]> {
  const carried = new Map(
    (await database.many(systemContext(), carriedBacklog, {})).map((row) => [
      row.subscription,
      row,
    ]),
  );
  const rows = await database.many(systemContext(), subscriptionBacklogs, {});
  return rows.map(({ subscription, held, dead, pausedBy, pausedWhy, ...row }) => {
    const more = carried.get(subscription);
    const pending = row.pending + (more?.pending ?? 0);
    const lagSeconds = Math.max(row.lagSeconds, more?.lagSeconds ?? 0);
    return { subscription, pending, held, dead, lagSeconds, pausedBy, pausedWhy };
  });
}

/** Asked in one snapshot: what is handled between two questions may publish anew. */
export async function untilSettled({ database, clock }: Core, signal: AbortSignal): Promise<void> {
  const isSettled = () =>
    database.read(
      systemContext(signal),
      async (q) => {
        const outbox = await q.one(outboxBacklog, {});
        const { left } = await q.one(isAnythingLeft, {});
        const carried = await q.many(carriedBacklog, {});
        return outbox.pending === 0 && !left && carried.length === 0;
      },
      { snapshot: true },
    );
  for (let waitMs = settledPollMsMin; ; waitMs = Math.min(waitMs * 2, settledPollMsMax)) {
    if (await isSettled()) return;
    await clock.sleep(waitMs, signal);
  }
}

import { blockedLanes } from './delivery-table.ts';
import { Lease, type LeaseNeeds } from './lease.ts';
import {
  beat,
  leaseShare,
  releaseAll,
  releaseLease,
  renewLeases,
  takeLeases,
} from './lease-table.ts';
import type { Registered } from './registered.ts';
import { systemContext } from './system-context.ts';

/** A lease that is not renewed so long is free for others. */
const ttlMs = 15_000;
/** And is dropped here before that, by our own clock. */
const trustMs = 12_000;

/** The parts of subscriptions that this process owns. */
export interface Leases {
  readonly all: ReadonlyMap<string, Lease>;
  /** Renews, takes what is free up to the process's share, gives up what is above it. */
  keep(): Promise<void>;
  /** Gives everything back. */
  release(): Promise<void>;
}

export function createLeases(
  needs: LeaseNeeds,
  subscriptions: ReadonlyMap<number, Registered>,
  onTaken: () => void,
): Leases {
  const { core } = needs;
  const { database, clock, owner } = core;
  const all = new Map<string, Lease>();
  const subs = [...subscriptions.keys()];

  /** What waits in a new part is known before anything of it runs: hence read after the take has committed. */
  async function admit(grants: readonly Lease['grant'][]): Promise<void> {
    const leases = grants.flatMap((grant) => {
      const subscription = subscriptions.get(grant.sub);
      return subscription === undefined ? [] : [new Lease(needs, grant, subscription)];
    });
    if (leases.length === 0) return;
    const waiting = await database.many(systemContext(), blockedLanes, {
      subs: leases.map(({ grant }) => grant.sub),
      parts: leases.map(({ grant }) => grant.part),
    });
    const byKey = new Map(leases.map((lease) => [keyOf(lease.grant), lease]));
    for (const row of waiting) byKey.get(keyOf(row))?.block(row.lane);
    for (const [key, lease] of byKey) all.set(key, lease);
    onTaken();
  }

  async function renew(): Promise<void> {
    const now = clock.mono();
    const rows = await database.write(systemContext(), (tx) =>
      tx.many(renewLeases, { owner, ttlMs }),
    );
    for (const row of rows) {
      const lease = all.get(keyOf(row));
      if (lease?.grant.epoch === row.epoch) lease.renewedMs = now;
    }
    for (const [key, lease] of all) {
      if (!lease.isLost && now - lease.renewedMs > trustMs) lease.lose();
      if (lease.isLost && lease.running === 0) all.delete(key);
    }
  }

  async function balance(): Promise<void> {
    const { share } = await database.one(systemContext(), leaseShare, { subs, ttlMs });
    const own = [...all.values()].filter((lease) => !lease.isLost);
    for (const lease of own.slice(share)) lease.isLeaving = true;
    for (const lease of own.filter((one) => one.isLeaving && one.running === 0)) {
      lease.lose();
      const fence = { ...lease.grant, owner };
      await database.write(systemContext(), (tx) => tx.run(releaseLease, fence));
      all.delete(keyOf(lease.grant));
    }
    const rows = share - own.length;
    if (rows <= 0) return;
    const params = { owner, subs, rows, ttlMs };
    await admit(await database.write(systemContext(), (tx) => tx.many(takeLeases, params)));
  }

  return {
    all,
    async keep() {
      await database.write(systemContext(), (tx) => tx.run(beat, { owner }));
      await renew();
      await balance();
    },
    async release() {
      for (const lease of all.values()) lease.lose();
      all.clear();
      await database.write(systemContext(), (tx) => tx.run(releaseAll, { owner }));
    },
  };
}

export function keyOf({ sub, part }: { readonly sub: number; readonly part: number }): string {
  return `${sub}/${part}`;
}

import type { Grant } from './attempt.ts';
import { blockedLanes } from './delivery-table.ts';
import { bindPart } from './bind-part.ts';
import { Lease, type LeaseNeeds } from './lease.ts';
import {
  beat,
  leaseShare,
  releaseAll,
  releaseLease,
  renewLeases,
  takeLeases,
} from './lease-table.ts';
import type { Core } from './needs.ts';
import { Pipe } from './pipe.ts';
import type { Live } from './registered.ts';
import { systemContext } from './system-context.ts';

/** Part of a lease's time after which it is dropped here, by our own clock, if it is not renewed. */
const trustRatio = 0.8;
const partCount = 16;

interface Taken extends Grant {
  readonly bound: string | null;
  readonly cursor: string | null;
}

interface LeasesNeeds {
  readonly lease: LeaseNeeds;
  readonly subscriptions: ReadonlyMap<number, Live>;
  /** There are new parts to read. */
  onTaken(): void;
}

/** The parts of subscriptions that this process owns. */
export class Leases {
  readonly all = new Map<string, Lease>();
  readonly #needs: LeasesNeeds;
  readonly #core: Core;
  readonly #subs: readonly number[];
  readonly #pipes = new Map<string, Pipe>();

  constructor(needs: LeasesNeeds) {
    this.#needs = needs;
    this.#core = needs.lease.core;
    this.#subs = [...needs.subscriptions.keys()];
  }

  /** Renews, takes what is free up to the process's share, gives up what is above it. */
  async keep(): Promise<void> {
    const { database, owner } = this.#core;
    if (this.#subs.length === 0) return;
    await database.write(systemContext(), (tx) => tx.run(beat, { owner }));
    await this.#renew();
    await this.#balance();
    for (const pipe of this.#pipes.values()) await pipe.keep();
  }

  /** The relay found its queue ill. */
  unbind(key: string): void {
    this.#pipes.get(key)?.unbind();
  }

  /** Gives everything back. */
  async release(): Promise<void> {
    const { database, owner } = this.#core;
    // A handler that does not end is left behind; nothing waits for it.
    for (const lease of this.all.values()) if (lease.running > 0) lease.lose();
    await Promise.all([...this.#pipes.keys()].map((key) => this.#endPipe(key)));
    for (const lease of this.all.values()) lease.lose();
    this.all.clear();
    await database.write(systemContext(), (tx) => tx.run(releaseAll, { owner }));
  }

  async #renew(): Promise<void> {
    const { database, owner, clock, settings } = this.#core;
    const ttlMs = settings.leaseMs;
    const now = clock.mono();
    const held = [...this.all.values()].filter((lease) => !lease.isLost);
    const params = {
      owner,
      subs: held.map(({ grant }) => grant.sub),
      parts: held.map(({ grant }) => grant.part),
      epochs: held.map(({ grant }) => grant.epoch),
      ttlMs,
    };
    const rows = await database.write(systemContext(), (tx) => tx.many(renewLeases, params));
    for (const row of rows) {
      const lease = this.all.get(keyOf(row));
      if (lease?.grant.epoch === row.epoch) lease.renewedMs = now;
    }
    for (const [key, lease] of this.all) {
      if (!lease.isLost && now - lease.renewedMs > ttlMs * trustRatio) lease.lose();
      if (lease.isLost && lease.running === 0) this.#leave(key, lease);
    }
  }

  async #balance(): Promise<void> {
    const { database, owner, settings } = this.#core;
    const ttlMs = settings.leaseMs;
    const subs = this.#subs;
    const { share } = await database.one(systemContext(), leaseShare, { subs, ttlMs });
    const own = [...this.all.values()].filter((lease) => !lease.isLost);
    for (const lease of own.slice(share)) lease.isLeaving = true;
    for (const lease of own) {
      if (!lease.isLeaving || lease.running > 0) continue;
      this.#leave(keyOf(lease.grant), lease);
    }
    const rows = share - own.length;
    if (rows <= 0) return;
    const params = { owner, subs, rows, ttlMs };
    await this.#admit(await database.write(systemContext(), (tx) => tx.many(takeLeases, params)));
  }

  /**
   * Beside the renewals, which must not wait for a broker. Also one that was lost here only is given back:
   * the next owner need not wait for the end of its time.
   */
  #leave(key: string, lease: Lease): void {
    const { database, owner, log } = this.#core;
    this.all.delete(key);
    const pipe = this.#pipes.get(key);
    this.#pipes.delete(key);
    const leave = async () => {
      await pipe?.stop();
      await pipe?.keep();
      lease.lose();
      const params = { ...lease.grant, owner };
      await database.write(systemContext(), (tx) => tx.run(releaseLease, params));
    };
    leave().catch((error: unknown) => {
      log.warn('messaging.release_failed', { error: String(error) });
    });
  }

  async #leaveQueues(grants: readonly Taken[]): Promise<void> {
    for (const grant of grants.filter(isElsewhere)) {
      await bindPart(this.#core, grant, { bound: null, cursor: null });
    }
  }

  #startPipe(grant: Taken): void {
    const { transport, bound } = this.#core;
    const lease = this.all.get(keyOf(grant));
    if (transport === undefined || lease === undefined) return;
    const beginning = { isBound: grant.bound === bound, cursor: grant.cursor ?? undefined };
    const options = { transport, shares: this.#subs.length * partCount, beginning };
    this.#pipes.set(keyOf(grant), new Pipe(this.#core, lease, options));
  }

  async #endPipe(key: string): Promise<void> {
    const pipe = this.#pipes.get(key);
    this.#pipes.delete(key);
    await pipe?.stop();
    await pipe?.keep();
  }

  /** What waits in a new part is known before anything of it runs: hence read after the take has committed. */
  async #admit(grants: readonly Taken[]): Promise<void> {
    const { lease: needs, subscriptions, onTaken } = this.#needs;
    const taken = new Map<string, Lease>();
    for (const grant of grants) {
      const subscription = subscriptions.get(grant.sub);
      if (subscription === undefined) continue;
      taken.set(keyOf(grant), new Lease(needs, grant, subscription));
    }
    if (taken.size === 0) return;
    if (this.#core.transport === undefined) await this.#leaveQueues(grants);
    const waiting = await this.#core.database.many(systemContext(), blockedLanes, {
      subs: grants.map(({ sub }) => sub),
      parts: grants.map(({ part }) => part),
    });
    for (const row of waiting) taken.get(keyOf(row))?.block(row.lane);
    for (const [key, lease] of taken) this.all.set(key, lease);
    for (const grant of grants) this.#startPipe(grant);
    onTaken();
  }
}

/** What was sent before the table carried it stands in it, before anything new of the part runs. */
function isElsewhere({ bound }: Taken): boolean {
  return bound !== null;
}

export function keyOf({ sub, part }: { readonly sub: number; readonly part: number }): string {
  return `${sub}/${part}`;
}

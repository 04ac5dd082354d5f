import type { LeaseNeeds } from './lease.ts';
import { Leases } from './leases.ts';
import { startLoop, type Loop } from './loop.ts';
import { measure } from './backlog.ts';
import { source, type Core } from './needs.ts';
import type { OwnOutbox } from './outbox.ts';
import { waitForRelay } from './outbox-table.ts';
import { createPermits } from './permits.ts';
import { startReader, type Reader } from './reader.ts';
import type { Live, Registered } from './registered.ts';
import { startRelay } from './relay.ts';
import { createGate } from './gate.ts';
import { makeLeases, registerSubscription, sendRetained } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

export const outboxChannel = 'plinth_outbox';
export const deliveryChannel = 'plinth_delivery';
/** Renewals in a lease's time. */
const renewals = 3;
const stopPollMs = 10;

/** What works between start and drain. */
export interface Running {
  readonly relay: Loop;
  readonly reader: Reader;
  stop(deadlineMs: number): Promise<{ finished: number; cancelled: number }>;
}

export async function startRunning(
  core: Core,
  outbox: OwnOutbox,
  registered: readonly Registered[],
): Promise<Running> {
  const { database, clock, log, settings } = core;
  const subscriptions = await registerAll(core, registered);
  const ending = new AbortController();
  const lease: LeaseNeeds = {
    core,
    outbox,
    permits: createPermits(settings.handlersMax),
    stop: ending.signal,
    onProgress: () => reader.progress(),
  };
  const leases = new Leases({ lease, subscriptions, onTaken: () => reader.wake() });
  const reader = startReader(core, leases.all, (key) => leases.unbind(key));
  const onSent = () => {
    reader.wake();
    database.notify(deliveryChannel);
  };
  const relay = settings.relays ? startRelay(core, onSent) : noLoop;
  const keepMs = Math.floor(settings.leaseMs / renewals);
  const keeper = startLoop({
    clock,
    idleMs: keepMs,
    idleMsMax: keepMs,
    async work() {
      await leases.keep();
      await measure(core, leases.all);
      return false;
    },
    onError: (error) => log.error('messaging.lease_failed', error),
  });
  const wakeRelay = () => relay.wake();
  const wakeReader = () => reader.wake();
  const unlisten = [
    await database.listen(outboxChannel, wakeRelay, wakeRelay),
    await database.listen(deliveryChannel, wakeReader, wakeReader),
  ];
  return {
    relay,
    reader,
    async stop(deadlineMs) {
      for (const one of leases.all.values()) one.isLeaving = true;
      const begun = inFlightOf(leases);
      await Promise.all([relay.stop(), reader.stop(), keeper.stop()]);
      for (const stop of unlisten) await stop();
      const cancelled = await endRunning(core, leases, { ending, deadlineMs });
      return { finished: Math.max(begun - cancelled, 0), cancelled };
    },
  };
}

const noLoop: Loop = { wake: () => undefined, stop: async () => undefined };

/** Under the relay's lock, so that a new subscription begins between two pages. */
async function registerAll(
  { database, clock, breakers, transport }: Core,
  subscriptions: readonly Registered[],
): Promise<Map<number, Live>> {
  return database.write(systemContext(), async (tx) => {
    await tx.one(waitForRelay, {});
    const known = new Map<number, Live>();
    for (const one of subscriptions) {
      const events = [...one.events.keys()];
      const retained = one.from === 'retained';
      const params = { name: one.name, events, block: one.blocks, retained };
      const { sub, isNew } = await tx.one(registerSubscription, params);
      known.set(sub, { ...one, gate: createGate(clock, one.needs, breakers) });
      if (!isNew) continue;
      await tx.run(makeLeases, { sub });
      // A broker's queue is made with all of it.
      if (retained && transport === undefined) {
        await tx.one(sendRetained, { sub, src: source, from: new Date(0), held: false });
      }
    }
    return known;
  });
}

function inFlightOf({ all }: Leases): number {
  return [...all.values()].reduce((sum, one) => sum + one.running, 0);
}

/** @returns how many were given up at the deadline: their transactions roll back, another process takes them. */
async function endRunning(
  { clock, log }: Core,
  leases: Leases,
  { ending, deadlineMs }: { readonly ending: AbortController; readonly deadlineMs: number },
): Promise<number> {
  const endMs = clock.mono() + deadlineMs;
  while (inFlightOf(leases) > 0 && clock.mono() < endMs) {
    await clock.sleep(stopPollMs, new AbortController().signal);
  }
  const cancelled = inFlightOf(leases);
  ending.abort(new DOMException('The process is ending.', 'AbortError'));
  await leases.release().catch((error: unknown) => {
    log.warn('messaging.release_failed', { error: String(error) });
  });
  return cancelled;
}

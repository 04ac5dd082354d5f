import { noTelemetry } from '@plinth/core';

import { createAdmin } from './admin.ts';
import { defaultSettings } from './config.ts';
import type { LeaseNeeds } from './lease.ts';
import { createLeases, type Leases } from './leases.ts';
import { startLoop, type Loop } from './loop.ts';
import { createMetrics } from './metrics.ts';
import type { Messaging } from './messaging.ts';
import { source, type Core, type MessagingNeeds } from './needs.ts';
import { createOutbox } from './outbox.ts';
import { maintain } from './partitions.ts';
import { createPermits } from './permits.ts';
import { startReader, type Reader } from './reader.ts';
import { bad, register, type Registered } from './registered.ts';
import { startRelay } from './relay.ts';
import { measure, untilSettled } from './backlog.ts';
import { waitForRelay } from './outbox-table.ts';
import { makeLeases, registerSubscription, sendRetained } from './subscription-table.ts';
import { systemContext } from './system-context.ts';

const outboxChannel = 'plinth_outbox';
const deliveryChannel = 'plinth_delivery';
const keepMs = 5_000;
const stopPollMs = 10;

/** What runs between start and drain. */
interface Running {
  readonly relay: Loop;
  readonly reader: Reader;
  readonly keeper: Loop;
  readonly leases: Leases;
  readonly stop: AbortController;
  readonly unlisten: readonly (() => Promise<void>)[];
}

/** The outbox and its relay, and the subscriptions of this process. */
export function createMessaging(needs: MessagingNeeds): Messaging {
  const core = createCore(needs);
  const { database, clock, log, settings } = core;
  const subscriptions: Registered[] = [];
  let running: Running | undefined;

  const wakeReaders = () => {
    running?.reader.wake();
    database.notify(deliveryChannel);
  };
  const outbox = createOutbox({
    clock,
    newId: core.newId,
    bodyBytesMax: settings.bodyBytesMax,
    wake() {
      running?.relay.wake();
      database.notify(outboxChannel);
    },
  });

  async function start(): Promise<void> {
    await maintain(core);
    const known = await registerAll(core, subscriptions);
    const stop = new AbortController();
    const lease: LeaseNeeds = {
      core,
      outbox,
      permits: createPermits(settings.handlersMax),
      stop: stop.signal,
      onProgress: () => reader.progress(),
    };
    const leases = createLeases(lease, known, () => reader.wake());
    const reader = startReader(core, leases.all);
    const relay = startRelay(core, wakeReaders);
    const keeper = startLoop({
      clock,
      idleMs: keepMs,
      idleMsMax: keepMs,
      async work() {
        if (known.size > 0) await leases.keep();
        await measure(core);
        return false;
      },
      onError: (error) => log.error('messaging.lease_failed', error),
    });
    const unlisten = [
      await database.listen(
        outboxChannel,
        () => relay.wake(),
        () => relay.wake(),
      ),
      await database.listen(
        deliveryChannel,
        () => reader.wake(),
        () => reader.wake(),
      ),
    ];
    running = { relay, reader, keeper, leases, stop, unlisten };
  }

  return {
    outbox,
    subscribe(subscription) {
      const one = register(subscription);
      if (running !== undefined) throw bad(`${one.name} subscribes after the start.`);
      if (subscriptions.some(({ name }) => name === one.name)) throw bad(`${one.name} is taken.`);
      subscriptions.push(one);
    },
    start,
    async drain(deadlineMs = settings.drainMs) {
      const parts = running;
      running = undefined;
      return parts === undefined ? { finished: 0, cancelled: 0 } : stopAll(core, parts, deadlineMs);
    },
    maintain: () => maintain(core),
    settled: (signal) => untilSettled(core, signal),
    admin: createAdmin(core, wakeReaders),
  };
}

function createCore(needs: MessagingNeeds): Core {
  const telemetry = needs.telemetry ?? noTelemetry;
  const settings = { ...defaultSettings, ...needs.config };
  if (settings.inboxDays <= settings.retentionDays) {
    throw bad('An event must be remembered for longer than it is kept.');
  }
  return {
    database: needs.database,
    clock: needs.clock,
    newId: needs.newId,
    log: needs.log.child({ module: 'messaging' }),
    settings,
    metrics: createMetrics(telemetry),
    tracer: telemetry.tracer,
    permissions: needs.permissions ?? new Set(),
    owner: needs.newId(),
  };
}

/** Under the relay's lock, so that a new subscription begins between two pages. */
async function registerAll(
  { database }: Core,
  subscriptions: readonly Registered[],
): Promise<Map<number, Registered>> {
  return database.write(systemContext(), async (tx) => {
    await tx.one(waitForRelay, {});
    const known = new Map<number, Registered>();
    for (const one of subscriptions) {
      const events = [...one.events.keys()];
      const params = { name: one.name, events, block: one.blocks };
      const { sub, isNew } = await tx.one(registerSubscription, params);
      known.set(sub, one);
      if (!isNew) continue;
      await tx.run(makeLeases, { sub });
      if (one.from === 'retained') {
        await tx.one(sendRetained, { sub, src: source, from: new Date(0) });
      }
    }
    return known;
  });
}

async function stopAll(core: Core, parts: Running, deadlineMs: number) {
  const { clock, log } = core;
  const inFlight = () => [...parts.leases.all.values()].reduce((sum, one) => sum + one.running, 0);
  for (const lease of parts.leases.all.values()) lease.isLeaving = true;
  await Promise.all([parts.relay.stop(), parts.reader.stop(), parts.keeper.stop()]);
  for (const stop of parts.unlisten) await stop();
  const begun = inFlight();
  const signal = new AbortController().signal;
  const endMs = clock.mono() + deadlineMs;
  while (inFlight() > 0 && clock.mono() < endMs) await clock.sleep(stopPollMs, signal);
  const cancelled = inFlight();
  parts.stop.abort(new DOMException('The process is ending.', 'AbortError'));
  await parts.leases.release().catch((error: unknown) => {
    log.warn('messaging.release_failed', { error: String(error) });
  });
  return { finished: begun - cancelled, cancelled };
}

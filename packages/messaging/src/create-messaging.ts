import { noTelemetry } from '@plinth/core';

import { createAdmin } from './admin.ts';
import { untilSettled } from './backlog.ts';
import { defaultSettings } from './config.ts';
import { createMetrics } from './metrics.ts';
import type { Messaging } from './messaging.ts';
import type { Core, MessagingNeeds } from './needs.ts';
import { openTransport } from './open-transport.ts';
import { createOutbox } from './outbox.ts';
import { maintain } from './partitions.ts';
import { bad, register, type Registered } from './registered.ts';
import { deliveryChannel, outboxChannel, startRunning, type Running } from './running.ts';

/** The outbox with its relay, and the subscriptions of this process. */
export function createMessaging(needs: MessagingNeeds): Messaging {
  const core = createCore(needs);
  const { database, clock, newId, settings } = core;
  const subscriptions: Registered[] = [];
  let running: Running | undefined;

  const outbox = createOutbox({
    clock,
    newId,
    bodyBytesMax: settings.bodyBytesMax,
    wake() {
      running?.relay.wake();
      database.notify(outboxChannel);
    },
  });
  const wakeReaders = () => {
    running?.reader.wake();
    database.notify(deliveryChannel);
  };

  return {
    outbox,
    subscribe(subscription) {
      const one = register(subscription);
      if (running !== undefined) throw bad(`${one.name} subscribes after the start.`);
      if (subscriptions.some(({ name }) => name === one.name)) throw bad(`${one.name} is taken.`);
      subscriptions.push(one);
    },
    async start() {
      await maintain(core);
      running = await startRunning(core, outbox, subscriptions);
    },
    async drain(deadlineMs = settings.drainMs) {
      const parts = running;
      running = undefined;
      const report = (await parts?.stop(deadlineMs)) ?? { finished: 0, cancelled: 0 };
      await core.transport?.close();
      return report;
    },
    maintain: () => maintain(core),
    settled: (signal) => untilSettled(core, signal),
    admin: createAdmin(core, wakeReaders),
  };
}

function createCore(needs: MessagingNeeds): Core {
  const telemetry = needs.telemetry ?? noTelemetry;
  const settings = { ...defaultSettings, ...needs.config };
  const owner = needs.newId();
  const transport = openTransport(settings, owner);
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
    owner,
    breakers: needs.breakers,
    transport,
    bound: transport?.boundAs ?? null,
  };
}

import {
  createIds,
  createPositionSession,
  noLog,
  systemClock,
  type Ctx,
  noSpan,
} from '@plinth/core';
import { createDatabase } from '@plinth/postgres';

import { createMessaging } from './create-messaging.ts';
import { recordSale, recordSales, sell, soldInBulk, tenantA } from './shop-fixture.ts';

// A process that publishes and subscribes until it is killed: `worker-fixture.ts URL PUBLISHERS CRASH_AT`.
const [url = '', publishers = '0', crashAt = ''] = process.argv.slice(2);
const newId = createIds(systemClock);
const database = createDatabase({ url });
const messaging = createMessaging({
  database,
  clock: systemClock,
  newId,
  log: noLog,
  config: { pollMs: 25, pageRows: 20, crashAt: crashAt === '' ? undefined : crashAt },
});
messaging.subscribe({
  name: 'shop.one-by-one',
  event: soldInBulk,
  handle: (envelope, { tx }) => recordSale(tx, 'one', envelope),
});
messaging.subscribe({
  name: 'shop.in-batches',
  event: soldInBulk,
  handle: (envelope, { tx }) => recordSale(tx, 'batch', envelope),
  handleBatch: (envelopes, { tx }) => recordSales(tx, 'batch', envelopes),
});
await messaging.start();
process.once('SIGTERM', () => {
  void messaging.drain(5_000).then(() => process.exit(0));
});
process.stdout.write('ready\n');

const ctx: Ctx = {
  reqId: newId(),
  traceparent: '00-00000000000000000000000000000001-0000000000000001-00',
  tenant: tenantA,
  actor: { kind: 'system', id: 'worker', permissions: new Set() },
  deadline: systemClock.mono() + 600_000,
  signal: new AbortController().signal,
  position: createPositionSession(),
  span: noSpan,
  clock: systemClock,
  log: noLog,
};

/** Outcomes are the table's to tell: an error here may stand for a commit. */
async function publish(number: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const key = `k${(number * 7 + n) % 20}`;
    await database.write(ctx, (tx) => sell(tx, messaging.outbox, key)).catch(() => undefined);
    await systemClock.sleep(4, ctx.signal);
  }
}

await Promise.all(Array.from({ length: Number(publishers) }, (_, number) => publish(number)));

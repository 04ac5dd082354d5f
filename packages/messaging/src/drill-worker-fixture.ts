import {
  createIds,
  createPositionSession,
  noLog,
  noSpan,
  systemClock,
  type Ctx,
} from '@plinth/core';
import { createDatabase, sql, t, type Transaction } from '@plinth/postgres';

import { createMessaging } from './create-messaging.ts';
import { drillSettings, workerOptions } from './drill-options-fixture.ts';
import { recordSale, recordSales, sell, soldInBulk, tenantA } from './shop-fixture.ts';
import { systemContext } from './system-context.ts';

// One process of a drill, until it is killed: `drill-worker-fixture.ts OPTIONS`, in JSON.
const options = workerOptions(process.argv[2] ?? '{}');
const newId = createIds(systemClock);
const database = createDatabase({ url: options.url, poolMax: 8 });
const messaging = createMessaging({
  database,
  clock: systemClock,
  newId,
  log: noLog,
  config: {
    ...drillSettings(options),
    relays: options.role === 'relay' && !options.isMutant,
    crashAt: options.crashAt,
  },
});
const keys = 30;
const writers = 6;
const ending = new AbortController();
const signal = new AbortController().signal;
const hesitate = (msMax: number) => systemClock.sleep(Math.random() * msMax, signal);

const ctx: Ctx = {
  reqId: newId(),
  traceparent: '00-00000000000000000000000000000001-0000000000000001-00',
  tenant: tenantA,
  actor: { kind: 'system', id: 'drill', permissions: new Set() },
  deadline: systemClock.mono() + 3_600_000,
  signal,
  position: createPositionSession(),
  span: noSpan,
  clock: systemClock,
  log: noLog,
};

/** Under its counter's lock, with its number drawn long before it commits: numbers become visible out of order. */
const publishEarly = sql({ id: t.uuid, key: t.text, part: t.int2 }, { value: t.int4 })`
  with c as (
    insert into shop.counter (tenant_id, key, value)
    values (current_setting('app.tenant')::uuid, ${'key'}, 1)
    on conflict (tenant_id, key) do update set value = shop.counter.value + 1
    returning value),
  p as (
    select c.value, plinth.publish(jsonb_build_array(jsonb_build_object(
      'id', ${'id'}::text, 'part', ${'part'}::smallint, 'key', ${'key'}::text,
      'tenant', current_setting('app.tenant'), 'name', 'shop.sold-in-bulk', 'version', 1,
      'at', date_trunc('milliseconds', now()),
      'meta', '{"actor": null, "reqId": "drill", "correlation": "drill", "causation": null}'::jsonb,
      'body', jsonb_build_object('key', ${'key'}::text, 'value', c.value))),
      '{}', array[current_date]) as done
    from c)
  select value from p`;

async function publishOne(tx: Transaction, n: number): Promise<void> {
  if (Math.random() < 0.4) {
    // Keys of their own, so that their part is known.
    await tx.one(publishEarly, { id: newId(), key: `early${n % 16}`, part: n % 16 });
    await hesitate(40);
    return;
  }
  await sell(tx, messaging.outbox, `k${n % keys}`);
  await hesitate(10);
  if (Math.random() < 0.1) throw new RangeError('the transaction goes');
}

/** Outcomes are the table's to tell: an error here may stand for a commit. */
async function publish(number: number): Promise<void> {
  for (let n = number * 7; !ending.signal.aborted; n += 1) {
    await database.write(ctx, (tx) => publishOne(tx, n)).catch(() => undefined);
    await hesitate(8);
  }
}

function subscribe(): void {
  messaging.subscribe({
    name: `shop.${options.name}-one`,
    event: soldInBulk,
    retry: { delaysMs: Array.from({ length: 20 }, () => 50) },
    async handle(envelope, { tx }) {
      await recordSale(tx, 'one', envelope);
      if (Math.random() < 0.02) throw new RangeError('by chance');
    },
  });
  messaging.subscribe({
    name: `shop.${options.name}-batch`,
    event: soldInBulk,
    handle: (envelope, { tx }) => recordSale(tx, 'batch', envelope),
    handleBatch: (envelopes, { tx }) => recordSales(tx, 'batch', envelopes),
  });
}

/** The mutant: it trusts that numbers become visible in their order. */
const relayBySequence = sql({}, { n: t.int8n })`
  with r as (select coalesce(after, 0) as after from plinth.relay for update),
  page as (
    select o.seq, o.part, o.at, o.id, o.key, o.tenant, o.name
    from plinth.outbox o, r where o.seq > r.after order by o.seq limit 20),
  sent as (
    insert into plinth.delivery (sub, part, src, seq, at, id, lane)
    select s.sub, p.part, 0, p.seq, p.at, p.id, coalesce(p.tenant || ' ' || p.key, p.id::text)
    from page p join plinth.subscription s on p.name = any (s.events) order by p.seq, s.sub),
  moved as (update plinth.relay set after = coalesce((select max(seq) from page), after))
  select count(*) as n from page`;

async function relayAsMutant(): Promise<void> {
  while (!ending.signal.aborted) {
    await database
      .write(systemContext(), (tx) => tx.one(relayBySequence, {}))
      .catch(() => undefined);
    await hesitate(5);
  }
}

const work: Promise<unknown>[] = [];
if (options.role === 'publisher') {
  for (let n = 0; n < writers; n += 1) work.push(publish(n));
}
if (options.role === 'consumer') subscribe();
if (options.role === 'relay' && options.isMutant) work.push(relayAsMutant());
if (options.role !== 'publisher') await messaging.start();
process.once('SIGTERM', () => {
  ending.abort();
  void Promise.all([...work, messaging.drain(2_000)]).finally(() => process.exit(0));
});
process.stdout.write('ready\n');

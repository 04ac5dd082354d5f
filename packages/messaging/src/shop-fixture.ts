import { defineModule, event } from '@plinth/contract';
import { z } from '@plinth/core/z';
import { sql, t, type Transaction } from '@plinth/postgres';

import type { Envelope } from './envelope.ts';
import { migrations } from './migrations.ts';
import type { Outbox } from './outbox.ts';

/** What the tests of this package publish and hear. */
const shop = defineModule('shop', {
  operations: {},
  events: {
    sold: event({ schema: z.object({ key: z.string(), value: z.int() }), key: 'key' }),
    soldInBulk: event({
      schema: z.object({ key: z.string(), value: z.int() }),
      key: 'key',
      order: 'held',
    }),
    closed: event({ schema: z.object({ at: z.string() }), key: null }),
  },
});
export const { sold, soldInBulk, closed } = shop.events;

export const shopMigrations = [
  migrations,
  { module: 'shop', folder: new URL('../fixtures/', import.meta.url) },
];
export const tenantA = '01900000-0000-7000-8000-00000000000a';
export const tenantB = '01900000-0000-7000-8000-00000000000b';

const insertLedger = sql({ subscription: t.text, key: t.text, value: t.int4 }, {})`
  insert into shop.ledger (tenant_id, subscription, key, value)
  values (current_setting('app.tenant')::uuid, ${'subscription'}, ${'key'}, ${'value'})`;

const insertLedgerRows = sql(
  { subscription: t.text, keys: t.array(t.text), values: t.array(t.int4) },
  {},
)`
  insert into shop.ledger (tenant_id, subscription, key, value)
  select current_setting('app.tenant')::uuid, ${'subscription'}, u.key, u.value
  from unnest(${'keys'}::text[], ${'values'}::integer[]) with ordinality as u (key, value, n)
  order by u.n`;

export const ledger = sql({ subscription: t.text }, { key: t.text, value: t.int4 })`
  select key, value from shop.ledger where subscription = ${'subscription'} order by n`;

export const countedLedger = sql({ subscription: t.text }, { n: t.int8n })`
  select count(*) as n from shop.ledger where subscription = ${'subscription'}`;

/** Keys whose effects are not 1, 2, 3 … up to what their publishers acknowledged. */
export const brokenKeys = sql(
  { subscription: t.text },
  { key: t.text, acknowledged: t.int4, effects: t.array(t.int4) },
)`
  select c.key, c.value as acknowledged,
    coalesce(array_agg(l.value order by l.n) filter (where l.n is not null), '{}') as effects
  from shop.counter c
  left join shop.ledger l on l.key = c.key and l.subscription = ${'subscription'}
  group by c.key, c.value
  having coalesce(array_agg(l.value order by l.n) filter (where l.n is not null), '{}')
    is distinct from array(select generate_series(1, c.value))`;

const bumpCounter = sql({ key: t.text }, { value: t.int4 })`
  insert into shop.counter (tenant_id, key, value)
  values (current_setting('app.tenant')::uuid, ${'key'}, 1)
  on conflict (tenant_id, key) do update set value = shop.counter.value + 1
  returning value`;

/** Counts one on for a key, under its row's lock, and publishes the new value. */
export async function sell(tx: Transaction, outbox: Outbox, key: string): Promise<void> {
  const { value } = await tx.one(bumpCounter, { key });
  outbox.publish(tx, soldInBulk, { key, value });
}

interface Sale {
  readonly key: string;
  readonly value: number;
}

export async function recordSale(
  tx: Transaction,
  subscription: string,
  { body }: Envelope<Sale>,
): Promise<void> {
  await tx.run(insertLedger, { subscription, ...body });
}

export async function recordSales(
  tx: Transaction,
  subscription: string,
  envelopes: readonly Envelope<Sale>[],
): Promise<void> {
  await tx.run(insertLedgerRows, {
    subscription,
    keys: envelopes.map(({ body }) => body.key),
    values: envelopes.map(({ body }) => body.value),
  });
}

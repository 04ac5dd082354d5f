import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import type { KeyRing } from '@plinth/core';

import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database.ts';
import type { Migrations } from '../migrate/files.ts';
import { sql } from '../sql.ts';
import { list } from './declare-list.ts';

/** A list with a field of every kind, for the tests and the bench of this folder. */
export const parcelMigrations: Migrations = {
  module: 'parcels',
  folder: new URL('../../fixtures/parcels/', import.meta.url),
};

export const parcelList = list({
  name: 'parcels.parcels',
  from: 'parcels.parcel p',
  id: 'p.id',
  select: sql.fragment`p.id, p.name, p.state, p.shipped_on as "shippedOn", p.price, p.grams`,
  row: {
    id: t.uuid,
    name: t.text,
    state: t.text,
    shippedOn: t.date,
    price: t.int8n,
    grams: t.int4,
  },
  fields: {
    name: {
      sql: 'p.name_key',
      type: 'text',
      fold: true,
      filter: true,
      sort: { index: 'parcel_name' },
      search: { function: 'parcels.search_parcel' },
    },
    state: { sql: 'p.state', type: 'enum', values: ['new', 'sent', 'lost'], filter: true },
    shippedOn: {
      sql: 'p.shipped_on',
      type: 'date',
      filter: true,
      sort: { index: 'parcel_shipped_on' },
    },
    seenAt: { sql: 'p.seen_at', type: 'instant', filter: true, sort: { index: 'parcel_seen_at' } },
    price: {
      sql: 'p.price',
      type: 'money',
      filter: true,
      sort: { index: 'parcel_price' },
      sum: 'p.currency',
    },
    grams: { sql: 'p.grams', type: 'number', filter: true, sort: true },
    isFragile: { sql: 'p.is_fragile', type: 'bool', filter: true, sort: true },
    carrier: { sql: 'p.carrier_id', type: 'ref', filter: true },
    note: { sql: 'p.note', type: 'text', filter: true },
    dueOn: { sql: 'p.due_on', type: 'date', filter: true },
    density: { sql: sql.fragment`p.price / p.grams`, type: 'number', filter: true },
    hidden: { sql: 'p.currency', type: 'text' },
  },
  defaultSort: '-shippedOn',
  q: { function: 'parcels.search_parcel' },
});

/** Few values a column, so that sort keys are equal often. */
export const addParcels = sql({ count: t.int4, seed: t.float8, tenant: t.uuid }, {})`
  with seeded as materialized (select setseed(${'seed'}))
  insert into parcels.parcel (tenant_id, id, name, state, shipped_on, seen_at, price, currency, grams, is_fragile, carrier_id, note, due_on)
  select ${'tenant'}, gen_random_uuid(), 'Box ' || (random() * 9)::int, (array['new', 'sent', 'lost'])[1 + (random() * 2)::int],
    date '2026-01-01' + (random() * 9)::int, timestamptz '2026-01-01 00:00+00' + (random() * 9)::int * interval '1.000001 s',
    (random() * 5)::int * 100, (array['EUR', 'JPY'])[1 + (random())::int], (random() * 3)::int + 1, random() < 0.5,
    gen_random_uuid(), nullif((random() * 3)::int::text, '0'), null
  from seeded, generate_series(1, ${'count'})`;

export const sortColumns: Readonly<Record<string, string>> = {
  name: 'p.name_key',
  shippedOn: 'p.shipped_on',
  seenAt: 'p.seen_at',
  price: 'p.price',
  grams: 'p.grams',
  isFragile: 'p.is_fragile',
};

/** The order that PostgreSQL itself gives. */
export async function sortedIds(
  database: Pick<Database, 'many'>,
  ctx: Context,
  sort: string,
): Promise<string[]> {
  const keys = sort.split(',');
  const last = keys.at(-1)?.startsWith('-') === true ? ' desc' : '';
  const order = keys
    .map((key) => `${sortColumns[key.replace('-', '')] ?? ''}${key.startsWith('-') ? ' desc' : ''}`)
    .join();
  const fragment = { fragment: `${order}, p.id${last}` };
  const statement = sql({ one: t.int4 }, { id: t.uuid })`
    select p.id from parcels.parcel p where ${'one'} = 1 order by ${fragment}`;
  return (await database.many(ctx, statement, { one: 1 })).map(({ id }) => id);
}

/** Seals as the product's ring does: AES-256-GCM, bound to purpose and place. */
export function testKeyRing(): KeyRing {
  const key = randomBytes(32);
  return {
    sign: () => '',
    verify: () => undefined,
    seal(purpose, data, aad) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aadOf(purpose, aad));
      const sealed = Buffer.concat([nonce, cipher.update(data), cipher.final()]);
      return `v1.k1.${Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(purpose, token, aad) {
      const bytes = Buffer.from(token.split('.')[2] ?? '', 'base64url');
      if (bytes.length < 28 || !token.startsWith('v1.k1.')) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
        .setAAD(aadOf(purpose, aad))
        .setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

function aadOf(purpose: string, aad: string): Buffer {
  return Buffer.from(`${purpose}\n${aad}`);
}

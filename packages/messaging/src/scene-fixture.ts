import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import type { Database } from '@plinth/postgres';
import { openDatabase, testCtx } from '@plinth/testing';

import type { MessagingSettings } from './config.ts';
import { createMessaging } from './create-messaging.ts';
import type { Envelope } from './envelope.ts';
import type { Messaging } from './messaging.ts';
import {
  brokenKeys,
  ledger,
  recordSale,
  sell,
  shopMigrations,
  soldInBulk,
  tenantA,
} from './shop-fixture.ts';
import type { Delivery, Subscription } from './subscription.ts';
import type { Queue } from './transport/transport.ts';

/** One transport, as the suite needs it. */
export interface Subject {
  readonly settings: Partial<MessagingSettings>;
  /** To run a random schedule again. */
  readonly seed?: number;
  /** Where it has queues that can be lost: loses one. */
  lose?(queue: Queue): Promise<void>;
}

type Sale = Envelope<{ key: string; value: number }>;
export type More = Partial<Omit<Subscription<typeof soldInBulk>, 'name' | 'event'>>;

const newId = createIds(systemClock);
export const settleMs = 60_000;

export interface Scene {
  readonly database: Database;
  readonly messaging: Messaging;
  /** A subscription's queues are told apart by its name alone. */
  readonly name: string;
  /** Values of each key, counted on. */
  sell(...keys: string[]): Promise<void>;
  effects(): Promise<string[]>;
  settled(): Promise<void>;
}

interface Options {
  poison?(sale: Sale, delivery: Delivery): void | Promise<void>;
  readonly more?: More;
  readonly name?: string;
  readonly database?: Database;
}

export async function start(
  t: TestContext,
  subject: Subject,
  options: Options = {},
): Promise<Scene> {
  const name = options.name ?? `shop.s${randomBytes(5).toString('hex')}`;
  const database = options.database ?? (await openDatabase(t, { migrations: shopMigrations }));
  const settings = { pollMs: 10, ...subject.settings };
  const messaging = createMessaging({
    database,
    clock: systemClock,
    newId,
    log: noLog,
    config: settings,
  });
  messaging.subscribe({
    name,
    event: soldInBulk,
    async handle(sale, delivery) {
      await recordSale(delivery.tx, name, sale);
      await options.poison?.(sale, delivery);
    },
    ...options.more,
  });
  await messaging.start();
  t.after(() => messaging.drain(500));
  const ctx = testCtx({ tenant: tenantA });
  return {
    database,
    messaging,
    name,
    async sell(...keys) {
      await database.write(ctx, async (tx) => {
        for (const key of keys) await sell(tx, messaging.outbox, key);
      });
    },
    async effects() {
      const rows = await database.many(ctx, ledger, { subscription: name });
      return rows.map(({ key, value }) => `${key}${value}`);
    },
    settled: () => messaging.settled(AbortSignal.timeout(settleMs)),
  };
}

export async function checkLedger(
  { database, name, effects }: Scene,
  count: number,
): Promise<void> {
  const params = { subscription: name };
  assert.deepEqual(await database.many(testCtx({ tenant: tenantA }), brokenKeys, params), []);
  assert.equal((await effects()).length, count);
}

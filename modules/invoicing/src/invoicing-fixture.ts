import { defineModule, implement, type Client } from '@plinth/contract';
import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock, type Clock, type Ctx } from '@plinth/core';
import { customers } from '@plinth/customers';
import { createJobs, migrations as jobsMigrations } from '@plinth/jobs';
import { createMessaging, migrations as messagingMigrations } from '@plinth/messaging';
import type { Database } from '@plinth/postgres';
import { createRealtime } from '@plinth/realtime';
import { createPostgresStore, migrations as storageMigrations } from '@plinth/storage';
import { testCtx } from '@plinth/testing';

import { customersByNumber, insertCustomers } from './fixture-table.ts';
import { createInvoicing, migrations } from './module.ts';

const neighbour = (module: string) => ({
  module,
  folder: new URL(`../../${module}/migrations/`, import.meta.url),
});

/** With the tables whose read views the module joins. */
export const invoicingMigrations = [
  messagingMigrations,
  jobsMigrations,
  storageMigrations,
  neighbour('customers'),
  migrations,
  neighbour('payments'),
];

export const tenant = '01900000-0000-7000-8000-00000000000a';
export const otherTenant = '01900000-0000-7000-8000-00000000000b';
export const today = '2026-01-15';
const permissions = [
  'invoicing.read',
  'invoicing.write',
  'invoicing.issue',
  'imports.write',
  'exports.all',
];

export function ctxOf(tenantId: string = tenant): Ctx {
  return testCtx({ tenant: tenantId, permissions, withinMs: 600_000 });
}

/** The module on real parts; messaging and jobs run only where a test starts them. */
export function startInvoicing(database: Database, clock: Clock = systemClock) {
  const newId = createIds(systemClock);
  const parts = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...parts, config: { pollMs: 10 } });
  const jobs = createJobs({ ...parts, pollMs: 20 });
  const blobs = createPostgresStore(parts);
  const realtime = createRealtime(parts);
  const module = createInvoicing({
    ...parts,
    clock,
    messaging,
    jobs,
    blobs,
    realtime,
    customers: customersNextDoor(database, newId),
    calendar: async () => ({ today, zone: 'UTC' }),
    async *tenants() {
      yield* [tenant, otherTenant];
    },
  });
  const client = bindLocal(module, { check: 'full' });
  let count = 0;

  async function makeCustomer(ctx: Ctx, name = 'Acme'): Promise<string> {
    const id = newId();
    count += 1;
    const row = { ids: [id], numbers: [`K${count}`], names: [name] };
    await database.many(ctx, insertCustomers, row);
    return id;
  }
  return { client, handlers: module.handlers, messaging, jobs, blobs, makeCustomer, newId };
}

/** The one operation that an import asks of module customers, over that module's own table. */
function customersNextDoor(database: Database, newId: () => string): Client<typeof customers> {
  const { ensureCustomers } = customers.operations;
  const part = defineModule('customers', { operations: { ensureCustomers } });
  const implementation = implement(part, {
    async ensureCustomers(ctx, { items }) {
      const numbers = items.map(({ number }) => number);
      return database.write(ctx, async (tx) => {
        const ids = items.map(() => newId());
        const names = items.map(({ name }) => name);
        const made = await tx.many(insertCustomers, { ids, numbers, names });
        const created = new Set(made.map(({ id }) => id));
        const all = await tx.many(customersByNumber, { numbers });
        return { items: all.map((row) => ({ ...row, created: created.has(row.id) })) };
      });
    },
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- invoicing calls no other operation of it
  return bindLocal(implementation, { check: 'full' }) as Client<typeof customers>;
}

export const line = (unitPriceMinor: number, quantity = '1') => ({
  description: 'Tea',
  quantity,
  unitPriceMinor,
  taxPpm: 190_000,
});

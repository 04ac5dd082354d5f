import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock, type Ctx } from '@plinth/core';
import { createJobs, migrations as jobsMigrations } from '@plinth/jobs';
import { createMessaging, migrations as messagingMigrations } from '@plinth/messaging';
import { sql, t, type Database } from '@plinth/postgres';
import { createRealtime } from '@plinth/realtime';
import { createPostgresStore, migrations as storageMigrations } from '@plinth/storage';

import { createCustomers, migrations, type CustomersNeeds } from './module.ts';

const folderOf = (module: string) => ({
  module,
  folder: new URL(`../../${module}/migrations/`, import.meta.url),
});
/** Those whose read views this module joins come with it. */
export const customersMigrations = [
  messagingMigrations,
  jobsMigrations,
  storageMigrations,
  migrations,
  folderOf('invoicing'),
  folderOf('payments'),
];

export const tenantA = '01900000-0000-7000-8000-00000000000a';
export const tenantB = '01900000-0000-7000-8000-00000000000b';
const today = '2026-01-15';
export const newId = createIds(systemClock);

/** The module on real parts. */
export function startCustomers(database: Database) {
  const base = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...base, config: { pollMs: 10 } });
  const jobs = createJobs({ ...base, pollMs: 10 });
  const needs: CustomersNeeds = {
    ...base,
    messaging,
    jobs,
    blobs: createPostgresStore(base),
    realtime: createRealtime(base),
    calendar: async () => ({ today, zone: 'UTC' }),
  };
  const client = bindLocal(createCustomers(needs), { check: 'full' });
  return { needs, client, messaging, jobs, blobs: needs.blobs };
}

const insertInvoice = sql(
  { id: t.uuid, customerId: t.uuid, currency: t.text, due: t.date, gross: t.int8n, now: t.instant },
  {},
)`
  insert into invoicing.invoice
    (id, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor,
     tax_minor, gross_minor, created_at, updated_at, issued_at)
  values (${'id'}, 'invoice', 'issued', 'T', ${'id'}::uuid::text, ${'customerId'}, 'X', ${'currency'}, '2026-01-01',
          ${'due'}, ${'gross'}, 0, ${'gross'}, ${'now'}, ${'now'}, ${'now'})`;

const insertPayment = sql({ id: t.uuid, customerId: t.uuid, amount: t.int8n, now: t.instant }, {})`
  insert into payments.payment
    (id, number, customer_id, customer_name, received_on, method, status, currency, amount_minor, created_at,
     updated_at)
  values (${'id'}, ${'id'}::uuid::text, ${'customerId'}, 'X', '2026-01-10', 'transfer', 'open', 'EUR', ${'amount'},
          ${'now'}, ${'now'})`;

const payInvoice = sql({ id: t.uuid, paid: t.int8n }, {})`
  update invoicing.invoice
  set paid_minor = ${'paid'}, status = case when gross_minor = ${'paid'} then 'settled' else 'partly-paid' end
  where id = ${'id'}`;

interface Invoice {
  readonly customerId: string;
  readonly gross: number;
  readonly currency?: string;
  readonly due?: string;
}

/** Books as the other modules keep them, without their rules. */
export function books(database: Database) {
  const now = '2026-01-15T12:00:00Z';
  return {
    async invoice(ctx: Ctx, { customerId, gross, currency = 'EUR', due = '2026-02-01' }: Invoice) {
      const id = newId();
      await database.run(ctx, insertInvoice, { id, customerId, currency, due, gross, now });
      return id;
    },
    async payment(ctx: Ctx, customerId: string, amount: number) {
      const id = newId();
      await database.run(ctx, insertPayment, { id, customerId, amount, now });
      return id;
    },
    pay: (ctx: Ctx, id: string, paid: number) => database.run(ctx, payInvoice, { id, paid }),
  };
}

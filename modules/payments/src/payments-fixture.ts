import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock, type Ctx } from '@plinth/core';
import { invoicing } from '@plinth/invoicing';
import { createMessaging, migrations as messagingMigrations } from '@plinth/messaging';
import type { Database } from '@plinth/postgres';
import { createRealtime } from '@plinth/realtime';

import { insertCustomer, insertInvoice } from './fixture-table.ts';
import { createPayments, migrations } from './module.ts';

const neighbour = (module: string) => ({
  module,
  folder: new URL(`../../${module}/migrations/`, import.meta.url),
});

/** With the tables whose read views the module joins. */
export const paymentsMigrations = [
  messagingMigrations,
  neighbour('customers'),
  neighbour('invoicing'),
  migrations,
];

export interface InvoiceInput {
  readonly customerId: string;
  readonly grossMinor: number;
  readonly currency?: string;
  readonly dueDate?: string;
}

const calendar = async () => ({ today: '2026-01-15', zone: 'UTC' });

/** The module on real parts; messaging runs only where a test starts it. */
export function startPayments(database: Database) {
  const newId = createIds(systemClock);
  const parts = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...parts, config: { pollMs: 10 } });
  const realtime = createRealtime({ clock: systemClock, newId, log: noLog });
  const module = createPayments({ ...parts, messaging, realtime, calendar });
  let count = 0;

  async function makeCustomer(ctx: Ctx): Promise<string> {
    const id = newId();
    count += 1;
    await database.run(ctx, insertCustomer, { id, number: String(count) });
    return id;
  }

  /** A row as module invoicing leaves it, without its event. */
  async function makeInvoice(ctx: Ctx, input: InvoiceInput): Promise<string> {
    const id = newId();
    count += 1;
    const number = `INV-2026-${String(count).padStart(6, '0')}`;
    const defaults = { currency: 'EUR', dueDate: '2026-01-31' };
    await database.run(ctx, insertInvoice, { id, number, ...defaults, ...input });
    return id;
  }

  /** The event of an invoice that was issued, or whose amounts changed. */
  async function tell(ctx: Ctx, name: 'invoiceIssued' | 'invoiceBalanceChanged', change: Facts) {
    const { opening = null, creditedMinor = 0, version = 1, paidMinor = 0, ...rest } = change;
    const facts = {
      version,
      kind: 'invoice' as const,
      number: `INV-${rest.invoiceId.slice(-6)}`,
      status: 'issued' as const,
      customerName: 'Acme',
      issueDate: '2026-01-01',
      dueDate: '2026-01-31',
      currency: 'EUR',
      netMinor: rest.grossMinor,
      taxMinor: 0,
      paidMinor,
      creditedMinor,
      openMinor: rest.grossMinor - paidMinor - creditedMinor,
      ...rest,
    };
    const { events } = invoicing;
    await database.write(ctx, async (tx) => {
      if (name === 'invoiceBalanceChanged') messaging.outbox.publish(tx, events[name], facts);
      else messaging.outbox.publish(tx, events[name], { ...facts, imported: true, opening });
    });
    await messaging.settled(AbortSignal.timeout(10_000));
  }

  const client = bindLocal(module, { check: 'full' });
  return { client, messaging, makeCustomer, makeInvoice, tell, newId };
}

interface Facts {
  readonly invoiceId: string;
  readonly customerId: string;
  readonly grossMinor: number;
  readonly version?: number;
  readonly paidMinor?: number;
  readonly creditedMinor?: number;
  readonly opening?: { readonly paidOn: string; readonly amountMinor: number } | null;
}

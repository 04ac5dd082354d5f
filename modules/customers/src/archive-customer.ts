import { toVersion } from '@plinth/contract';
import { Problem, type Ctx } from '@plinth/core';

import { takeCustomer } from './change-customer.ts';
import { customers } from './contract.ts';
import { saveArchived } from './customers-table.ts';
import type { CustomersNeeds } from './needs.ts';

interface Row {
  readonly id: string;
  readonly version?: string | undefined;
}

/** @throws {Problem} `customers.unknown`, `http.stale_version`, `customers.already_archived`. */
export async function archiveCustomer(
  needs: CustomersNeeds,
  ctx: Ctx,
  { id, version: seen }: Row,
): Promise<{ id: string; version: string }> {
  const now = new Date(needs.clock.now()).toISOString();

  return needs.database.write(ctx, async (tx) => {
    const { number, archivedAt } = await takeCustomer(tx, { id, version: seen });
    if (archivedAt !== null) throw refused('customers.already_archived', 'It is archived already.');
    const saved = await tx.one(saveArchived, { id, archivedAt: now, now });
    const version = toVersion(saved.version);
    const body = { customerId: id, number, version };
    needs.messaging.outbox.publish(tx, customers.events.customerArchived, body);
    return { id, version };
  });
}

/** @throws {Problem} `customers.unknown`, `http.stale_version`, `customers.not_archived`. */
export async function restoreCustomer(
  needs: CustomersNeeds,
  ctx: Ctx,
  { id, version: seen }: Row,
): Promise<{ id: string; version: string }> {
  const now = new Date(needs.clock.now()).toISOString();

  return needs.database.write(ctx, async (tx) => {
    const { number, archivedAt } = await takeCustomer(tx, { id, version: seen });
    if (archivedAt === null) throw refused('customers.not_archived', 'It is not archived.');
    const saved = await tx.one(saveArchived, { id, archivedAt: null, now });
    const version = toVersion(saved.version);
    const body = { customerId: id, number, version };
    needs.messaging.outbox.publish(tx, customers.events.customerRestored, body);
    return { id, version };
  });
}

function refused(code: `customers.${string}`, message: string): Problem {
  return new Problem(message, { code, kind: 'conflict' });
}

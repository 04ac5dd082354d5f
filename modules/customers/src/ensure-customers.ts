import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';

import { customers } from './contract.ts';
import { toLists } from './create-customer.ts';
import { emptyFields } from './customer.ts';
import { customersByNumber, insertCustomers } from './customers-table.ts';
import type { CustomersNeeds } from './needs.ts';

interface Wanted {
  readonly number: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
  readonly termDays: number;
}

/** Finds customers by their numbers and makes those that are missing, in the order of the input. */
export async function ensureCustomers(
  needs: CustomersNeeds,
  ctx: Ctx,
  items: readonly Wanted[],
): Promise<{ id: string; number: string; name: string; created: boolean }[]> {
  const wanted = new Map(items.map((item) => [item.number, item]));
  const numbers = [...wanted.keys()];
  const now = new Date(needs.clock.now()).toISOString();

  return needs.database.write(ctx, async (tx) => {
    const known = await tx.many(customersByNumber, { numbers });
    const missing = new Map(wanted);
    for (const { number } of known) missing.delete(number);

    const rows = [...missing.values()].map((item) =>
      Object.assign({ id: needs.newId() }, emptyFields, item),
    );
    const made = rows.length === 0 ? [] : await tx.many(insertCustomers, toLists(rows, now));
    const created = new Set(made.map(({ id }) => id));
    for (const { id, number, name } of rows) {
      if (!created.has(id)) continue;
      const body = { customerId: id, number, name, version: toVersion(1) };
      needs.messaging.outbox.publish(tx, customers.events.customerCreated, body);
    }
    // Those that somebody else made meanwhile are seen by this second look.
    const all = rows.length === 0 ? known : await tx.many(customersByNumber, { numbers });
    const found = new Map(all.map((row) => [row.number, row]));
    return items.flatMap(({ number }) => {
      const row = found.get(number);
      return row === undefined ? [] : [{ ...row, created: created.has(row.id) }];
    });
  });
}

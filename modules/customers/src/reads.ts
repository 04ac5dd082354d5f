import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';

import { balancesOf } from './balances-table.ts';
import { contactsOf } from './contacts-table.ts';
import { customerById, suggestions } from './customers-table.ts';
import { getStatement } from './get-statement.ts';
import type { CustomersNeeds } from './needs.ts';
import { unknownCustomer } from './problems.ts';

/** What is read of one customer. */
export function readOperations(needs: CustomersNeeds) {
  const { database } = needs;
  return {
    async getCustomer(ctx: Ctx, { id }: { id: string }) {
      return database.read(ctx, async (reader) => {
        const customer = await reader.maybe(customerById, { id });
        if (customer === undefined) throw unknownCustomer(id);
        const contacts = await reader.many(contactsOf, { customerId: id });
        return { ...customer, version: toVersion(customer.version), contacts };
      });
    },
    async getBalances(ctx: Ctx, { id }: { id: string }) {
      return database.read(ctx, async (reader) => {
        const customer = await reader.maybe(customerById, { id });
        if (customer === undefined) throw unknownCustomer(id);
        const rows = await reader.many(balancesOf, { customerId: id });
        const items = rows.map((row) => ({
          ...row,
          balanceMinor: row.openMinor - row.creditMinor,
        }));
        return { items };
      });
    },
    getStatement: (ctx: Ctx, asked: Parameters<typeof getStatement>[2]) =>
      getStatement(needs, ctx, asked),
    async suggestCustomers(ctx: Ctx, { q }: { q: string }) {
      return { items: await database.many(ctx, suggestions, { q, begin: q.toLowerCase() }) };
    },
  };
}

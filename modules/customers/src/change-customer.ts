import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { copyBalances } from './balances-table.ts';
import { contactsOf, deleteContacts, insertContacts } from './contacts-table.ts';
import { customers } from './contract.ts';
import { contactLists, toLists, type Contact } from './create-customer.ts';
import {
  changesBetween,
  merge,
  type Customer,
  type CustomerFields,
  type Patch,
} from './customer.ts';
import {
  customersByNumber,
  lockCustomer,
  saveCustomers,
  touchCustomer,
} from './customers-table.ts';
import type { CustomersNeeds } from './needs.ts';
import { checkVersion, numberTaken, unknownCustomer } from './problems.ts';

interface Row {
  readonly id: string;
  readonly version?: string | undefined;
}
interface Changed {
  id: string;
  version: string;
}

/** @throws {Problem} `customers.unknown`, `http.stale_version`, `customers.number_taken`. */
export async function changeCustomer(
  needs: CustomersNeeds,
  ctx: Ctx,
  input: Row & Patch<CustomerFields> & { readonly number?: string | undefined },
): Promise<Changed> {
  const { id, version: seen, ...patch } = input;
  const now = new Date(needs.clock.now()).toISOString();

  return needs.database.write(ctx, async (tx) => {
    const before = await takeCustomer(tx, { id, version: seen });
    const after = merge(before, patch);
    const changes = changesBetween(before, after);
    if (changes.length === 0) return { id, version: toVersion(before.version) };
    if (after.number !== before.number) await checkFree(tx, after.number);

    const [saved] = await tx.many(saveCustomers, toLists([after], now));
    if (saved === undefined) throw unknownCustomer(id);
    if (after.currency !== before.currency) await tx.run(copyBalances, { customerIds: [id] });
    const version = toVersion(saved.version);
    needs.messaging.outbox.publish(tx, customers.events.customerChanged, {
      customerId: id,
      number: after.number,
      version,
      changes,
    });
    return { id, version };
  });
}

/**
 * Replaces the contacts of a customer.
 *
 * @throws {Problem} `customers.unknown`, `http.stale_version`.
 */
export async function setContacts(
  needs: CustomersNeeds,
  ctx: Ctx,
  { id, version: seen, contacts }: Row & { readonly contacts: readonly Contact[] },
): Promise<Changed> {
  const now = new Date(needs.clock.now()).toISOString();

  return needs.database.write(ctx, async (tx) => {
    const { number } = await takeCustomer(tx, { id, version: seen });
    const before = await tx.many(contactsOf, { customerId: id });
    await tx.run(deleteContacts, { customerId: id });
    if (contacts.length > 0) await tx.run(insertContacts, contactLists(id, contacts));
    const version = toVersion((await tx.one(touchCustomer, { id, now })).version);
    needs.messaging.outbox.publish(tx, customers.events.customerChanged, {
      customerId: id,
      number,
      version,
      changes: [{ field: 'contacts', from: names(before), to: names(contacts) }],
    });
    return { id, version };
  });
}

/** Locked, and as the caller has seen it. */
export async function takeCustomer(tx: Transaction, { id, version }: Row): Promise<Customer> {
  const customer = await tx.maybe(lockCustomer, { id });
  if (customer === undefined) throw unknownCustomer(id);
  checkVersion(version, customer.version);
  return customer;
}

async function checkFree(tx: Transaction, number: string): Promise<void> {
  const taken = await tx.many(customersByNumber, { numbers: [number] });
  if (taken.length > 0) throw numberTaken(number);
}

function names(contacts: readonly { readonly name: string }[]): string | null {
  return contacts.length === 0 ? null : contacts.map(({ name }) => name).join(', ');
}

import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { insertContacts } from './contacts-table.ts';
import { customers } from './contract.ts';
import { emptyFields, formatNumber, merge, type CustomerFields, type Patch } from './customer.ts';
import { customersByNumber, insertCustomers, takeNumber } from './customers-table.ts';
import type { CustomersNeeds } from './needs.ts';
import { numberTaken } from './problems.ts';

export interface Contact {
  readonly name: string;
  readonly position: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}
type Given = Pick<CustomerFields, 'name' | 'country' | 'currency'> &
  Patch<CustomerFields> & { readonly number?: string | undefined };

const numbersTriedMax = 100;

/** @throws {Problem} `customers.number_taken`. */
export async function createCustomer(
  needs: CustomersNeeds,
  ctx: Ctx,
  input: Given & { readonly contacts?: readonly Contact[] | undefined },
): Promise<{ id: string; version: string; number: string }> {
  const { number: wanted, contacts = [], ...given } = input;
  const id = needs.newId();
  const now = new Date(needs.clock.now()).toISOString();

  return needs.database.write(ctx, async (tx) => {
    const number = wanted ?? (await takeFreeNumber(tx));
    const { name, country, currency } = input;
    const fields = merge({ ...emptyFields, name, country, currency }, given);
    const rows = await tx.many(insertCustomers, toLists([{ ...fields, id, number }], now));
    if (rows.length === 0) throw numberTaken(number);
    if (contacts.length > 0) await tx.run(insertContacts, contactLists(id, contacts));
    const version = toVersion(1);
    needs.messaging.outbox.publish(tx, customers.events.customerCreated, {
      customerId: id,
      number,
      name,
      version,
    });
    return { id, version, number };
  });
}

/** Numbers of an import may be in the way of ours: then the next one. */
async function takeFreeNumber(tx: Transaction): Promise<string> {
  for (let tried = 0; tried < numbersTriedMax; tried += 1) {
    const number = formatNumber((await tx.one(takeNumber, {})).last);
    const taken = await tx.many(customersByNumber, { numbers: [number] });
    if (taken.length === 0) return number;
  }
  throw numberTaken('C-');
}

/** One array a column: how many rows travel in one statement. */
export function toLists(
  rows: readonly (CustomerFields & { readonly id: string; readonly number: string })[],
  now: string,
) {
  return {
    id: rows.map(({ id }) => id),
    number: rows.map(({ number }) => number),
    name: rows.map(({ name }) => name),
    legalName: rows.map(({ legalName }) => legalName),
    vatId: rows.map(({ vatId }) => vatId),
    email: rows.map(({ email }) => email),
    phone: rows.map(({ phone }) => phone),
    street: rows.map(({ street }) => street),
    postalCode: rows.map(({ postalCode }) => postalCode),
    city: rows.map(({ city }) => city),
    region: rows.map(({ region }) => region),
    country: rows.map(({ country }) => country),
    currency: rows.map(({ currency }) => currency),
    termDays: rows.map(({ termDays }) => termDays),
    creditLimitMinor: rows.map(({ creditLimitMinor }) => creditLimitMinor),
    notes: rows.map(({ notes }) => notes),
    now,
  };
}

export function contactLists(customerId: string, contacts: readonly Contact[]) {
  return {
    customerId,
    names: contacts.map(({ name }) => name),
    jobs: contacts.map(({ position }) => position),
    emails: contacts.map(({ email }) => email),
    phones: contacts.map(({ phone }) => phone),
  };
}

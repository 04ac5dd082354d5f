import type { Reader } from '@plinth/postgres';

import {
  readBuying,
  readCustomers,
  type CustomersQuery,
  type CustomerTurnover,
} from './customers-table.ts';

/** Of each month so many are looked at; then everybody is added up. */
const monthlyMax = 100;

/**
 * The largest customers of whole months up to `to`. Who is not among the largest of any month bought at most what the
 * last ones of the months bought together: so nobody else is looked at where the last customer shown bought more (the
 * threshold algorithm of Fagin, Lotem and Naor, 2003).
 */
export async function findCustomers(
  reader: Reader,
  query: CustomersQuery,
  candidatesMax = monthlyMax,
): Promise<CustomerTurnover[]> {
  const found = await readBuying(reader, { ...query, candidatesMax });
  const last = found[query.rowsMax - 1];
  const isSure = last !== undefined && last.netMinor > last.othersMax;
  return isSure ? found.map(toCustomer) : readCustomers(reader, query);
}

function toCustomer({ customerId, customerName, currency, netMinor }: CustomerTurnover) {
  return { customerId, customerName, currency, netMinor };
}

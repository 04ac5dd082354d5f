import type { Reader } from '@plinth/postgres';

import {
  readBuying,
  readCustomers,
  type CustomersQuery,
  type CustomerTurnover,
} from './customers-table.ts';
import { addDays, addMonths, firstOfMonth, type Day } from './day.ts';
import { countAbout } from './turnover-table.ts';

/** Of each month so many are looked at; then everybody is added up. */
const monthlyMax = 100;

export interface LargestQuery {
  /** Of a month the first day. */
  readonly from: Day;
  readonly to: Day;
  readonly currency: string;
  readonly rowsMax: number;
}

/** Of the month in which the time ends, the side of its last day that has fewer documents is read one by one. */
export async function toWholeMonths(
  reader: Reader,
  { from, to, ...rest }: LargestQuery,
): Promise<CustomersQuery> {
  const first = firstOfMonth(to);
  const last = addDays(addMonths(to, 1), -1);
  const { before, behind } = await countAbout(reader, { first, to, last });
  if (before < behind) {
    const whole = { wholeTo: addDays(first, -1), partFrom: first, partTo: to, sign: 1 } as const;
    return { ...rest, ...whole, from };
  }
  const whole = { wholeTo: to, partFrom: addDays(to, 1), partTo: last, sign: -1 } as const;
  return { ...rest, ...whole, from };
}

/**
 * The largest customers from a month on up to a day. Who is not among the largest of any month bought at most what the
 * last ones of the months bought together: so nobody else is looked at where the last customer shown bought more (the
 * threshold algorithm of Fagin, Lotem and Naor, 2003).
 */
export async function findCustomers(
  reader: Reader,
  asked: LargestQuery,
  candidatesMax = monthlyMax,
): Promise<CustomerTurnover[]> {
  const query = await toWholeMonths(reader, asked);
  const found = await readBuying(reader, { ...query, candidatesMax });
  const last = found[query.rowsMax - 1];
  const isSure = last !== undefined && last.netMinor > last.othersMax;
  return isSure ? found.map(toCustomer) : readCustomers(reader, query);
}

function toCustomer({ customerId, customerName, currency, netMinor }: CustomerTurnover) {
  return { customerId, customerName, currency, netMinor };
}

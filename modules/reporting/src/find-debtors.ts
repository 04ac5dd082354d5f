import type { Reader } from '@plinth/postgres';

import { readDebtors, readOwing, type Debtor, type DebtorsQuery } from './debtors-table.ts';

/** Of those who owe most, first few and then more are looked at; then everything that is owed. */
const triesOfCandidates: readonly number[] = [40, 400];

/**
 * The largest debtors of each currency by overdue amount. Nobody's overdue amount is above what they owe: so the
 * largest are among those who owe most, as soon as the last of them has more overdue than the next one owes in all
 * (the threshold algorithm of Fagin, Lotem and Naor, 2003).
 */
export async function findDebtors(
  reader: Reader,
  query: DebtorsQuery,
): Promise<Map<string, Debtor[]>> {
  const { today, rowsMax } = query;
  for (const candidatesMax of triesOfCandidates) {
    const owing = Map.groupBy(
      await readOwing(reader, { today, candidatesMax }),
      ({ currency }) => currency,
    );
    const found = [...owing].map(([currency, rows]) => {
      const next = rows.find(({ place }) => place > candidatesMax);
      return { currency, ...chooseLargest(rows, { rowsMax, nextOwesMinor: next?.openMinor ?? 0 }) };
    });
    if (found.every(({ isSure }) => isSure)) {
      const some = found.filter(({ debtors }) => debtors.length > 0);
      return new Map(some.map(({ currency, debtors }) => [currency, debtors]));
    }
  }
  const all = Map.groupBy(await readDebtors(reader, query), ({ currency }) => currency);
  return new Map([...all].map(([currency, rows]) => [currency, rows.map(toDebtor)]));
}

/** @returns `isSure` unless one who was not looked at may belong to them. */
export function chooseLargest(
  rows: readonly Debtor[],
  { rowsMax, nextOwesMinor }: { readonly rowsMax: number; readonly nextOwesMinor: number },
): { readonly debtors: Debtor[]; readonly isSure: boolean } {
  const debtors = rows
    .filter(({ overdueMinor }) => overdueMinor > 0)
    .toSorted((a, b) => b.overdueMinor - a.overdueMinor || (a.customerId < b.customerId ? -1 : 1))
    .slice(0, rowsMax)
    .map(toDebtor);
  const last = debtors[rowsMax - 1]?.overdueMinor ?? 0;
  return { debtors, isSure: nextOwesMinor === 0 || last > nextOwesMinor };
}

function toDebtor({ customerId, customerName, overdueMinor, openMinor }: Debtor): Debtor {
  return { customerId, customerName, overdueMinor, openMinor };
}

import { Problem, type Ctx } from '@plinth/core';

import { customerById } from './customers-table.ts';
import type { CustomersNeeds } from './needs.ts';
import { unknownCustomer } from './problems.ts';
import { openingBalance, statementLines } from './statements-table.ts';

const linesMax = 5_000;

interface Asked {
  readonly id: string;
  readonly currency: string;
  readonly from: string;
  readonly to: string;
}

/** @throws {Problem} `customers.unknown`; `customers.statement_too_long` past 5,000 lines. */
export async function getStatement({ database }: CustomersNeeds, ctx: Ctx, asked: Asked) {
  const { id: customerId, currency, from, to } = asked;
  const { customer, openingMinor, lines } = await database.read(
    ctx,
    async (reader) => {
      const found = await reader.maybe(customerById, { id: customerId });
      if (found === undefined) throw unknownCustomer(customerId);
      const opening = await reader.one(openingBalance, { customerId, currency, from });
      const rowsMax = linesMax + 1;
      return {
        customer: { id: found.id, number: found.number, name: found.name },
        openingMinor: opening.openingMinor,
        lines: await reader.many(statementLines, { customerId, currency, from, to, rowsMax }),
      };
    },
    { snapshot: true },
  );
  if (lines.length > linesMax) throw tooLong();

  let balanceMinor = openingMinor;
  const withBalance = lines.map((line) => {
    balanceMinor += line.amountMinor;
    return { ...line, balanceMinor };
  });
  const closingMinor = balanceMinor;
  return { customer, currency, from, to, openingMinor, closingMinor, lines: withBalance };
}

function tooLong(): Problem {
  return new Problem(`A statement has at most ${linesMax} lines: choose a shorter time.`, {
    code: 'customers.statement_too_long',
    kind: 'unprocessable',
  });
}

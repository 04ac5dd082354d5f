import type { Log } from '@plinth/core';

import { t } from './codecs.ts';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import { sql } from './sql.ts';

export interface BudgetNeeds {
  readonly database: Pick<Database, 'one'>;
  readonly context: Context;
  readonly log: Log;
  /** What all processes open together at most: their pools, and a connection each to listen on. */
  readonly connections: number;
}

export interface ConnectionBudget {
  /** What the server takes from roles such as ours, with 10 left for those who repair it. */
  readonly usable: number;
  readonly connections: number;
  /** Above 1 some would be refused once all are busy. */
  readonly ratio: number;
}

const keptForRepair = 10;
const warnRatio = 0.8;

const settings = sql({}, { usable: t.int4 }, { name: 'postgres.budget' })`
  select (sum(case name when 'max_connections' then setting::int else -setting::int end))::int as usable
  from pg_settings
  where name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')`;

/**
 * Holds what the processes may open against what the server takes, and logs it: over 80 % as a warning, over
 * 100 % as an error, since some of them would find no connection when all are busy.
 */
export async function checkBudget(needs: BudgetNeeds): Promise<ConnectionBudget> {
  const { database, context, log, connections } = needs;
  const row = await database.one(context, settings, {});
  const usable = row.usable - keptForRepair;
  const ratio = connections / usable;
  const budget = { usable, connections, ratio };
  if (ratio > 1) log.error('postgres.over_budget', undefined, budget);
  else log[ratio > warnRatio ? 'warn' : 'info']('postgres.connection_budget', budget);
  return budget;
}

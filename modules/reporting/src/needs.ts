import type { Cache } from '@plinth/cache';
import type { Clock, Ctx } from '@plinth/core';
import type { Messaging } from '@plinth/messaging';
import type { Database, Reader, ReadOptions } from '@plinth/postgres';

import { addDays, type Day } from './day.ts';
import { findLastDay } from './turnover-table.ts';

export interface ReportingNeeds {
  readonly database: Database;
  readonly messaging: Messaging;
  readonly cache: Cache;
  readonly clock: Clock;
  /** The tenant's day, in its own zone. */
  today(ctx: Ctx): Promise<Day>;
}

/** What a report is read with. */
export type ReadNeeds = Pick<ReportingNeeds, 'database' | 'today'>;

/** The figures of a report fit each other; where there is a server for reports, they come from it. */
export const oneSnapshot: ReadOptions = { snapshot: true, target: 'reporting' };

const yearDays = 365;
const beforeAll = '1900-01-01';

/** Today, or the last day that has documents where the last twelve months have none. */
export async function reportDay(reader: Reader, today: Day): Promise<Day> {
  const recent = await findLastDay(reader, addDays(today, -yearDays));
  if (recent !== undefined) return today;
  return (await findLastDay(reader, beforeAll)) ?? today;
}

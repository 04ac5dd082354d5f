import type { HealthState } from '@plinth/core';
import { sql, t } from '@plinth/postgres';

import type { Chassis } from './chassis.ts';
import { systemContext } from './system-context.ts';

const one = sql({}, { one: t.int4 }, { name: 'server.ping' })`select 1 as one`;

/** @throws what keeps the database from answering. */
export async function pingDatabase(chassis: Chassis, signal: AbortSignal): Promise<HealthState> {
  await chassis.database.one({ ...systemContext(chassis, 'none'), signal }, one, {});
  return 'up';
}

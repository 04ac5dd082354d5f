import type { ClientBase } from 'pg';

import { failureOf } from '../failure.ts';
import { connect } from '../migrate/connect.ts';
import type { Rollup } from './rollup.ts';
import { dropTriggersSql, triggersOf, triggersSql } from './trigger-sql.ts';

/** A statement that waits for a lock holds up all who come behind it: short tries instead of one long wait. */
const lockTimeoutMs = 200;
const lockTriesMax = 100;
const lockPauseMs = 300;
const lockNotAvailable = '55P03';

/**
 * Counts every rollup anew from its source, beside writers, and puts triggers back that are missing. Exact: what
 * commits meanwhile is a delta.
 *
 * @param adminUrl a member of plinth_owner, on a direct connection.
 */
export async function rebuildRollups(adminUrl: string, rollups: readonly Rollup[]): Promise<void> {
  await asOwner(adminUrl, async (client) => {
    for (const rollup of rollups) await rebuild(client, rollup);
  });
}

/** Rebuilds those whose triggers are missing: what a kill within `withoutRollups` left. @param adminUrl as above. */
export async function mendRollups(adminUrl: string, rollups: readonly Rollup[]): Promise<void> {
  await asOwner(adminUrl, async (client) => {
    for (const rollup of rollups) {
      if (await areTriggersMissing(client, rollup)) await rebuild(client, rollup);
    }
  });
}

async function rebuild(client: ClientBase, rollup: Rollup): Promise<void> {
  await whenUnlocked(client, () => createTriggers(client, rollup));
  await client.query(`select ${rollup.schema}.rebuild_${rollup.base}()`);
  for (const name of Object.keys(rollup.groupings)) {
    await client.query(`vacuum (analyze) ${rollup.schema}.${name}_rollup`);
  }
  await client.query(`vacuum (analyze) ${rollup.name}_delta`);
}

/**
 * Takes the triggers away while `work` loads in bulk, then rebuilds, also where the work failed. Meanwhile the
 * views are wrong, and after a kill they stay so until `mendRollups`.
 */
export async function withoutRollups<result>(
  adminUrl: string,
  rollups: readonly Rollup[],
  work: () => Promise<result>,
): Promise<result> {
  await asOwner(adminUrl, async (client) => {
    for (const rollup of rollups) {
      await whenUnlocked(client, () => client.query(dropTriggersSql(rollup)));
    }
  });
  try {
    return await work();
  } finally {
    await rebuildRollups(adminUrl, rollups);
  }
}

async function asOwner(
  adminUrl: string,
  work: (client: ClientBase) => Promise<void>,
): Promise<void> {
  const client = await connect(adminUrl, 'plinth-rollup');
  try {
    await client.query('set role plinth_owner');
    await client.query('set statement_timeout = 0');
    await client.query('set idle_in_transaction_session_timeout = 0');
    await work(client);
  } finally {
    await client.end();
  }
}

async function areTriggersMissing(client: ClientBase, rollup: Rollup): Promise<boolean> {
  const { rows } = await client.query<{ missing: boolean }>(
    `select count(*) < cardinality($2::text[]) as missing from pg_trigger
     where tgrelid = $1::regclass and tgenabled = 'O' and tgname = any($2::text[])`,
    [rollup.source, triggersOf(rollup)],
  );
  return rows[0]?.missing === true;
}

async function createTriggers(client: ClientBase, rollup: Rollup): Promise<void> {
  if (!(await areTriggersMissing(client, rollup))) return;
  await client.query(`${dropTriggersSql(rollup)}\n${triggersSql(rollup)}`);
}

async function whenUnlocked(client: ClientBase, work: () => Promise<unknown>): Promise<void> {
  await client.query(`set lock_timeout = ${lockTimeoutMs}`);
  for (let tried = 1; ; tried += 1) {
    try {
      await work();
      break;
    } catch (error) {
      if (failureOf(error).sqlstate !== lockNotAvailable || tried === lockTriesMax) throw error;
      await client.query('select pg_sleep($1)', [lockPauseMs / 1_000]);
    }
  }
  await client.query('set lock_timeout = 0');
}

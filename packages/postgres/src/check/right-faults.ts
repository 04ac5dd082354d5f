import type { Client } from 'pg';

import type { AnyStatement } from '../statement-facts.ts';

const planned = /^\s*(?:select|insert|update|delete|merge|with|values)\b/iu;
/** Who runs statements of the product; the last two for all tenants. */
const roles = ['plinth_app', 'plinth_worker', 'plinth_loader'] as const;
const noRight = '42501';

/**
 * Plans a statement as the roles that run it, each behind the other: the first that has all rights will
 * do. Planning checks rights and executes nothing.
 */
export async function findRightFaults(client: Client, { text }: AnyStatement): Promise<string[]> {
  if (!planned.test(text)) return [];
  const refusals: string[] = [];
  for (const role of roles) {
    const refusal = await planAs(client, role, text);
    if (refusal === undefined) return [];
    refusals.push(`${role}: ${refusal}`);
  }
  return refusals.slice(0, 1);
}

async function planAs(client: Client, role: string, text: string): Promise<string | undefined> {
  await client.query('begin');
  try {
    await client.query(`set local role ${role}`);
    await client.query(
      `select set_config('app.tenant', '019a0000-0000-7000-8000-000000000001', true)`,
    );
    await client.query(`explain (generic_plan) ${text}`);
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === noRight) return error.message;
    // What else planning may miss without values is no question of rights.
    return undefined;
  } finally {
    await client.query('rollback');
  }
}

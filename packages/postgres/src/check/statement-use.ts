import type { Client } from 'pg';

import { z } from '@plinth/core/z';

import { failureOf } from '../failure.ts';
import { connect } from '../migrate/connect.ts';
import type { TableFile } from './check-sql.ts';
import { findStatements } from './statements-in.ts';

/** A statement of the code, how the server would run it, and what it has cost. */
export interface StatementUse {
  /** As the code calls it: `invoiceById`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** How rows are found, from the outside in: `Index Scan invoice_pkey`. */
  readonly scans: readonly string[];
  /** The server's own plan, without values; undefined where it cannot be made, such as for LOCK. */
  readonly plan: Plan | undefined;
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
  /** Of the time of all statements of this database, 0 … 1. */
  readonly share: number;
}

export interface StatementUses {
  readonly statements: readonly StatementUse[];
  /** Of the time of all statements, what none of these names has taken. */
  readonly otherShare: number;
  /** False: pg_stat_statements is not loaded, so nothing is known of their cost. */
  readonly isMeasured: boolean;
}

const Plan = z.looseObject({
  'Node Type': z.string(),
  'Index Name': z.string().optional(),
  'Relation Name': z.string().optional(),
  get Plans() {
    return z.array(Plan).optional();
  },
});
type Plan = z.infer<typeof Plan>;
const Explained = z.array(
  z.object({ Plan, 'Query Identifier': z.union([z.number(), z.bigint()]).optional() }),
);

const anyTenant = '019a0000-0000-7000-8000-000000000001';
const plannable = /^\s*(?:select|insert|update|delete|merge|with|values)\b/iu;
/** Who runs statements of the product: the first that may. */
const roles = ['plinth_app', 'plinth_worker', 'plinth_loader'] as const;

interface Cost {
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
}

const nothing: Cost = { calls: 0, totalMs: 0, rows: 0 };

/**
 * Every named statement with its generic plan and its share of the time by pg_stat_statements, which is read
 * since it was last reset. Lists are put together when they are asked for and stand in what is left.
 *
 * @param adminUrl a superuser, or a member of the product's roles with pg_read_all_stats. PostgreSQL 16 or newer.
 */
export async function readStatementUses(
  adminUrl: string,
  files: readonly TableFile[],
): Promise<StatementUses> {
  const client = await connect(adminUrl, 'plinth-db');
  try {
    const costs = await readCosts(client);
    const all = [...(costs?.values() ?? [])].reduce((sum, { totalMs }) => sum + totalMs, 0);
    const statements: StatementUse[] = [];
    for (const { path, exports } of files) {
      for (const { name, statement } of findStatements(exports).statements) {
        const planned = await plan(client, statement.text);
        const cost = costs?.get(planned?.id ?? '') ?? nothing;
        const share = all === 0 ? 0 : cost.totalMs / all;
        statements.push({ name, path, text: statement.text, share, ...cost, ...viewOf(planned) });
      }
    }
    const named = statements.reduce((sum, { share }) => sum + share, 0);
    return {
      statements: statements.toSorted((one, other) => other.totalMs - one.totalMs),
      otherShare: all === 0 ? 0 : Math.max(0, 1 - named),
      isMeasured: costs !== undefined,
    };
  } finally {
    await client.end();
  }
}

/** By the server's number of each text; undefined where nobody counts. */
async function readCosts(client: Client): Promise<Map<string, Cost> | undefined> {
  try {
    await client.query('create extension if not exists pg_stat_statements with schema public');
    const { rows } = await client.query<Cost & { id: string }>(
      `select queryid::text as id, sum(calls)::float8 as calls, sum(total_exec_time)::float8 as "totalMs",
         sum(rows)::float8 as rows
       from public.pg_stat_statements
       where dbid = (select oid from pg_database where datname = current_database()) and queryid is not null
       group by queryid`,
    );
    return new Map(rows.map(({ id, ...cost }) => [id, cost]));
  } catch (error) {
    // Not installed, not loaded at the start of the server, or not for this role.
    if (failureOf(error).sqlstate === undefined) throw error;
    return undefined;
  }
}

async function plan(client: Client, text: string): Promise<{ id: string; plan: Plan } | undefined> {
  if (!plannable.test(text)) return undefined;
  for (const role of roles) {
    await client.query('begin read only');
    try {
      await client.query(`set local role ${role}`);
      await client.query(`select set_config('app.tenant', $1, true)`, [anyTenant]);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>({
        text: `explain (generic_plan, verbose, format json) ${text}`,
        types: { getTypeParser: () => String },
      });
      return explained(rows[0]?.['QUERY PLAN'] ?? '[]');
    } catch (error) {
      if (failureOf(error).sqlstate === undefined) throw error;
    } finally {
      await client.query('rollback');
    }
  }
  return undefined;
}

/** The server's number has 64 bits: more than a number of JSON keeps. */
function explained(text: string): { id: string; plan: Plan } | undefined {
  const [first] = Explained.parse(JSON.parse(text));
  const id = /"Query Identifier": (-?\d+)/u.exec(text)?.[1] ?? '';
  return first === undefined ? undefined : { id, plan: first.Plan };
}

function viewOf(planned: { readonly plan: Plan } | undefined) {
  return { plan: planned?.plan, scans: planned === undefined ? [] : [...scansOf(planned.plan)] };
}

function* scansOf(node: Plan): Iterable<string> {
  const what = node['Index Name'] ?? node['Relation Name'];
  if (node['Node Type'].includes('Scan') && what !== undefined)
    yield `${node['Node Type']} ${what}`;
  for (const inner of node.Plans ?? []) yield* scansOf(inner);
}

import { connect } from '../migrate/connect.ts';

export interface ExplainOptions {
  /** Whose rows the plan is made for. Default: one who has none. */
  readonly tenant?: string | undefined;
  /** By the names in the code. Without them the plan is the generic one. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** Runs it, in a transaction that only reads and is rolled back: real times and rows. */
  readonly analyze?: boolean;
}

const anyTenant = '019a0000-0000-7000-8000-000000000001';
const analyzeTimeoutMs = 60_000;

/**
 * The server's plan of one statement, as the lines that it prints.
 *
 * @param appUrl role plinth_app: row security is part of the plan.
 * @throws what the server says, such as 25006 for one that writes and is to be run.
 */
export async function explainStatement(
  appUrl: string,
  { text, order }: { readonly text: string; readonly order: readonly string[] },
  { tenant = anyTenant, values, analyze = false }: ExplainOptions,
): Promise<string[]> {
  const client = await connect(appUrl, 'plinth-db');
  try {
    await client.query('begin read only');
    await client.query(`set local statement_timeout = ${analyzeTimeoutMs}`);
    await client.query(`select set_config('app.tenant', $1, true)`, [tenant]);
    const how = analyze ? 'analyze, buffers' : 'costs';
    const isGeneric = values === undefined && order.length > 0;
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain (${how}, verbose, settings${isGeneric ? ', generic_plan' : ''}) ${text}`,
      isGeneric ? [] : order.map((name) => values?.[name] ?? null),
    );
    return rows.map((row) => row['QUERY PLAN']);
  } finally {
    await client.end();
  }
}

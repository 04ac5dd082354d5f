import type { ClientBase } from 'pg';

import { refuse } from '../errors.ts';
import type { MigrationFile } from './files.ts';
import { recordMigration } from './ledger.ts';
import { findProgress, forgetProgress, recordProgress } from './progress-table.ts';
import { inTransaction, type Runner } from './runner.ts';
import { splitSql } from './split-sql.ts';

const batchRowsFirst = 5_000;
const batchRowsMin = 100;
const batchRowsMax = 50_000;
/** A batch that takes longer is followed by a smaller one: its rows are locked for that time. */
const batchMs = 200;
const batchTimeoutMs = 60_000;
const lagMsMax = 1_000;
const lagPollMs = 250;

interface Walk {
  /** `invoicing.invoice`, quoted. */
  readonly table: string;
  /** The columns of the primary key, in its order, quoted, with their types. */
  readonly key: readonly { readonly name: string; readonly type: string }[];
  /** What is done with each batch. */
  readonly statement: string;
}

interface Batch {
  readonly rows: number;
  /** The last key; undefined: none was left. */
  readonly last: readonly string[] | undefined;
}

/**
 * One statement over a whole table, in batches by the primary key: each commits with how far it came, so that a
 * run that was killed goes on where it was, and no row is done twice.
 */
export async function applyBackfill(runner: Runner, file: MigrationFile): Promise<void> {
  const { client, clock, signal, appVersion } = runner;
  const walk = await planWalk(client, file);
  await recordMigration(client, file, { state: 'running', ms: null, appVersion });
  const progress = await findProgress(client, file);
  let { rows, last, ms } = progress;
  let batchRows = batchRowsFirst;
  await openTables(runner, file);
  for (;;) {
    signal.throwIfAborted();
    await waitForReplicas(runner);
    const startedMs = clock.mono();
    const batch = await inTransaction(runner, batchTimeoutMs, async () => {
      const done = await runBatch(client, walk, { last, batchRows });
      const sofar = { rows: rows + done.rows, last: done.last, ms: ms + clock.mono() - startedMs };
      if (done.last !== undefined) await recordProgress(client, file, sofar);
      return done;
    });
    const tookMs = clock.mono() - startedMs;
    if (batch.last === undefined) break;
    ({ last } = batch);
    rows += batch.rows;
    ms += tookMs;
    batchRows = clamp(Math.round((batchRows * batchMs) / Math.max(tookMs, 1)));
  }
  await inTransaction(runner, batchTimeoutMs, async () => {
    for (const table of file.batchTables)
      await client.query(`drop policy if exists plinth_backfill on ${table}`);
    await forgetProgress(client, file);
    await recordMigration(client, file, { state: 'applied', ms, appVersion });
  });
}

function clamp(rows: number): number {
  return Math.min(Math.max(rows, batchRowsMin), batchRowsMax);
}

async function planWalk(client: ClientBase, file: MigrationFile): Promise<Walk> {
  const [table = ''] = file.batchTables;
  const { rows } = await client.query<{ name: string; type: string }>(
    `select quote_ident(attname) as name, format_type(atttypid, atttypmod) as type
     from pg_index, unnest(indkey::int2[]) with ordinality k(number, place)
       join pg_attribute on attrelid = to_regclass($1) and attnum = number
     where indrelid = to_regclass($1) and indisprimary order by place`,
    [table],
  );
  const [statement = '', ...more] = splitSql(file.sql);
  if (rows.length === 0 || more.length > 0 || statement === '') {
    throw refuse({
      message: `${file.name}: a backfill is one statement over a table with a primary key; ${table} has ${rows.length === 0 ? 'none' : 'one'}.`,
      code: 'postgres.migration_header',
      kind: 'internal',
    });
  }
  return { table, key: rows, statement: statement.replaceAll(/^\s*--[^\n]*\n/gmu, '').trim() };
}

/** Row security holds for the owner too: while the backfill runs it sees the rows of all tenants. */
async function openTables(runner: Runner, { batchTables }: MigrationFile): Promise<void> {
  const { client } = runner;
  for (const table of batchTables) {
    const { rows } = await client.query<{ closed: boolean; open: boolean }>(
      `select relrowsecurity as closed,
         exists (select from pg_policy where polrelid = c.oid and polname = 'plinth_backfill') as open
       from pg_class c where oid = to_regclass($1)`,
      [table],
    );
    if (rows[0]?.closed !== true || rows[0].open) continue;
    await inTransaction(runner, batchTimeoutMs, () =>
      client.query(
        `create policy plinth_backfill on ${table} to plinth_owner using (true) with check (true)`,
      ),
    );
  }
}

async function runBatch(
  client: ClientBase,
  { table, key, statement }: Walk,
  { last, batchRows }: { last: readonly string[] | undefined; batchRows: number },
): Promise<Batch> {
  const names = key.map(({ name }) => name).join(', ');
  const values = (from: number) =>
    key.map(({ type }, index) => `$${from + index}::text::${type}`).join(', ');
  const after = last === undefined ? 'true' : `(${names}) > (${values(1)})`;
  const found = await client.query<{ rows: number; last: string[] }>(
    `select n::int as rows, array[${key.map(({ name }) => `${name}::text`).join(', ')}] as last
     from (select ${names}, row_number() over (order by ${names}) as n
           from (select ${names} from ${table} where ${after} order by ${names} limit ${batchRows}) page) numbered
     order by n desc limit 1`,
    [...(last ?? [])],
  );
  const [end] = found.rows;
  if (end === undefined) return { rows: 0, last: undefined };
  const until = `(${names}) <= (${values((last?.length ?? 0) + 1)})`;
  const batch = `batch as materialized (select ${names} from ${table} where ${after} and ${until})`;
  const text = /^with\b/iu.test(statement)
    ? `with ${batch}, ${statement.replace(/^with\b/iu, '')}`
    : `with ${batch} ${statement}`;
  await client.query(text, [...(last ?? []), ...end.last]);
  return end;
}

/** Replicas that fall behind by more than a second get the time to come back. */
async function waitForReplicas({ client, clock, signal }: Runner): Promise<void> {
  // Only who was connected as may see it; the role that owns the tables need not.
  await client.query('reset role');
  try {
    for (;;) {
      signal.throwIfAborted();
      const { rows } = await client.query<{ lag: number }>(
        `select coalesce(max(extract(epoch from replay_lag)), 0)::float8 * 1000 as lag from pg_stat_replication`,
      );
      if ((rows[0]?.lag ?? 0) <= lagMsMax) return;
      await clock.sleep(lagPollMs, signal);
    }
  } finally {
    await client.query('set role plinth_owner').catch(() => undefined);
  }
}

import { createHash } from 'node:crypto';

import { noLog, systemClock, type Clock, type Log } from '@plinth/core';

import { t } from '../codecs.ts';
import type { Context } from '../context.ts';
import type { Database, Transaction } from '../database.ts';
import { sql } from '../sql.ts';
import * as table from './partition-table.ts';

export interface PartitionedDef {
  /** `schema.table`, partitioned by range of a timestamptz column that is in its primary key. */
  readonly table: string;
  readonly every: 'month';
  /** Months that are made ahead. */
  readonly premake: number;
  /** Older months are archived, then dropped; default: kept for ever. */
  readonly retainMonths?: number;
  /** `schema.function(regclass)`, which keeps what must outlive the rows. */
  readonly beforeDrop?: string;
}

const qualifiedForm = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/u;

/**
 * Declares a table whose months are made ahead and dropped when their time is over. The policy stands in the
 * database: `partitionPolicySql` gives the statement for a migration.
 *
 * @throws {TypeError} for a name that is none.
 */
export function partitioned(def: PartitionedDef): PartitionedDef {
  for (const name of [def.table, def.beforeDrop ?? def.table]) {
    if (!qualifiedForm.test(name)) throw new TypeError(`${name} is not schema.name.`);
  }
  return def;
}

export function partitionPolicySql({ table: parent, ...def }: PartitionedDef): string {
  const hook = def.beforeDrop === undefined ? 'null' : `'${def.beforeDrop}'`;
  return `insert into plinth.partition_policy (parent, premake, retain_months, before_drop)
values ('${parent}', ${def.premake}, ${def.retainMonths ?? 'null'}, ${hook});`;
}

/** Makes the month that holds `at` where it is missing. @returns true where it was, which nobody should see. */
export async function ensurePartition(
  tx: Transaction,
  { table: parent }: PartitionedDef,
  at: Date,
): Promise<boolean> {
  return (await tx.one(table.makePartition, { parent, at })).made;
}

/** Keeps the lines of a month. @returns where. It may be asked again for one that it has. */
export type Archive = (name: string, lines: AsyncIterable<Uint8Array>) => Promise<string>;

export interface PartitionNeeds {
  readonly database: Pick<Database, 'write'>;
  readonly tables: readonly PartitionedDef[];
  readonly archive: Archive;
  readonly clock?: Clock;
  readonly log?: Log;
}

const upkeepMs = 3_600_000;
const pageRows = 2_000;

/** At once and each hour: makes months ahead, archives and drops those past their time. */
export function startPartitionUpkeep(needs: PartitionNeeds): { stop(): Promise<void> } {
  const { clock = systemClock } = needs;
  const ended = new AbortController();
  let running = keepPartitions(needs, ended.signal);
  const end = clock.every(upkeepMs, () => (running = keepPartitions(needs, ended.signal)), {
    jitterRatio: 0.1,
  });
  return {
    async stop() {
      end();
      ended.abort();
      await running;
    },
  };
}

async function keepPartitions(needs: PartitionNeeds, signal: AbortSignal): Promise<void> {
  const { log = noLog } = needs;
  for (const def of needs.tables) {
    try {
      await premakePartitions(needs.database, def, signal);
      await retireAll(needs, def, signal);
    } catch (error) {
      // What was begun stands in the database: the next hour goes on.
      if (signal.aborted) return;
      log.error('postgres.partition_upkeep_failed', { table: def.table, error });
    }
  }
}

async function retireAll(
  needs: PartitionNeeds,
  def: PartitionedDef,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const name = await retireOldest(needs, def, signal);
    if (name === undefined) return;
    needs.log?.info('postgres.partition_archived', { table: def.table, partition: name });
  }
}

/** @returns how many months were missing. */
export async function premakePartitions(
  database: Pick<Database, 'write'>,
  { table: parent, premake }: PartitionedDef,
  signal?: AbortSignal,
): Promise<number> {
  const call = { parent, months: premake };
  const { made } = await database.write(contextOf(signal), (tx) => tx.one(table.premake, call));
  return made;
}

/** Detaches, archives and drops the oldest month that is past its time. @returns its name. */
export async function retireOldest(
  { database, archive }: Pick<PartitionNeeds, 'database' | 'archive'>,
  { table: parent }: PartitionedDef,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const context = contextOf(signal);
  const asWorker = <result>(work: (tx: Transaction) => Promise<result>) =>
    database.write(context, async (tx) => {
      await tx.run(table.asWorker, {});
      return work(tx);
    });
  const { name } = await asWorker((tx) => tx.one(table.detachOldest, { parent }));
  if (name === null) return undefined;
  const sum = createHash('sha256');
  let rows = 0;
  const place = await archive(
    name,
    linesOf(asWorker, name, (line) => {
      sum.update(line);
      rows += 1;
    }),
  );
  await asWorker((tx) => tx.run(table.dropArchived, { name, rows, sha256: sum.digest(), place }));
  return name;
}

type AsWorker = <result>(work: (tx: Transaction) => Promise<result>) => Promise<result>;

/** Nobody writes what is detached: its rows stay where they are between two pages. */
async function* linesOf(
  asWorker: AsWorker,
  name: string,
  onLine: (line: Uint8Array) => void,
): AsyncIterable<Uint8Array> {
  const from = { fragment: name };
  const page = sql({ after: t.text, rowsMax: t.int4 }, { place: t.text, line: t.text })`
    select e.ctid::text as place, to_jsonb(e)::text as line from ${from} e
    where e.ctid > ${'after'}::tid order by e.ctid limit ${'rowsMax'}`;
  for (let after = '(0,0)'; ;) {
    const rows = await asWorker((tx) => tx.many(page, { after, rowsMax: pageRows }));
    for (const { line } of rows) {
      const bytes = Buffer.from(`${line}\n`);
      onLine(bytes);
      yield bytes;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = last.place;
  }
}

function contextOf(signal = new AbortController().signal): Context {
  return {
    tenant: 'none',
    position: { get: () => undefined, advance: () => undefined },
    signal,
  };
}

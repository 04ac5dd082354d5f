import { connect } from './connect.ts';
import { readAll, type MigrationFile, type Migrations, type Phase } from './files.ts';

export interface MigrationStatus {
  /** `invoicing/0001_invoices.sql` */
  readonly name: string;
  readonly phase: Phase;
  /**
   * `running`: begun and not ended, by a run that goes on or was killed. `changed`: applied with another text.
   * `newer`: applied by a release that knows more than this one.
   */
  readonly state: 'applied' | 'running' | 'pending' | 'changed' | 'newer';
  readonly transaction: boolean;
  readonly appliedAt: string | undefined;
  readonly ms: number | undefined;
  readonly appVersion: string | undefined;
  /** Of a backfill that is under way. */
  readonly rowsDone: number | undefined;
}

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly phase: Phase;
  readonly state: 'running' | 'applied';
  readonly appliedAt: string;
  readonly ms: number | null;
  readonly appVersion: string | null;
  readonly rowsDone: number | null;
}

/** What a database has of the migrations, and what it lacks. Changes nothing and waits for nobody. */
export async function readMigrationStatus(
  adminUrl: string,
  all: readonly Migrations[],
): Promise<MigrationStatus[]> {
  const files = (await readAll(all)).flat();
  const rows = await readRows(adminUrl);
  const known = new Map(rows.map((row) => [row.name, row]));
  const names = new Set(files.map(({ name }) => name));
  return [
    ...files.map((file) => statusOf(file, known.get(file.name))),
    ...rows.filter(({ name }) => !names.has(name)).map((row) => toStatus(row, 'newer', true)),
  ];
}

async function readRows(adminUrl: string): Promise<Row[]> {
  const client = await connect(adminUrl, 'plinth-migrate');
  try {
    const there = await client.query<{ ledger: boolean; progress: boolean }>(
      `select to_regclass('plinth.migration') is not null as ledger,
         to_regclass('plinth.migration_progress') is not null as progress`,
    );
    if (there.rows[0]?.ledger !== true) return [];
    const done = there.rows[0].progress
      ? '(select p.rows::float8 from plinth.migration_progress p where p.module = m.module and p.id = m.id)'
      : 'null::float8';
    const { rows } = await client.query<Row>(
      `select name, encode(checksum, 'hex') as checksum, phase, state, applied_at::text as "appliedAt", ms,
         app_version as "appVersion", ${done} as "rowsDone"
       from plinth.migration m order by applied_at, module, id`,
    );
    return rows;
  } finally {
    await client.end();
  }
}

function statusOf(file: MigrationFile, row: Row | undefined): MigrationStatus {
  const { name, phase, inTransaction } = file;
  if (row !== undefined) {
    const isChanged = row.state === 'applied' && row.checksum !== file.checksum;
    return toStatus(row, isChanged ? 'changed' : row.state, inTransaction);
  }
  return {
    name,
    phase,
    state: 'pending',
    transaction: inTransaction,
    appliedAt: undefined,
    ms: undefined,
    appVersion: undefined,
    rowsDone: undefined,
  };
}

function toStatus(
  row: Row,
  state: MigrationStatus['state'],
  transaction: boolean,
): MigrationStatus {
  return {
    name: row.name,
    phase: row.phase,
    state,
    transaction,
    appliedAt: row.appliedAt,
    ms: row.ms ?? undefined,
    appVersion: row.appVersion ?? undefined,
    rowsDone: row.rowsDone ?? undefined,
  };
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { refuse } from '../errors.ts';

/** A module's migrations: `0001_what_it_does.sql`, applied once, in the order of their numbers. */
export interface Migrations {
  readonly module: string;
  /** A folder: it ends in a slash. */
  readonly folder: URL;
}

export interface MigrationFile {
  readonly module: string;
  readonly id: number;
  /** `invoicing/0001_invoices.sql` */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hex. */
  readonly checksum: string;
  /** The file, for a person to open. */
  readonly path: string;
  readonly phase: Phase;
  /** Of a contract: the release that no longer needs what goes. */
  readonly after: string | undefined;
  /** Of a backfill: the table whose rows are done in batches, then others whose rows of all tenants it writes. */
  readonly batchTables: readonly string[];
  /** False: its statements run one by one, and each can run again. */
  readonly inTransaction: boolean;
}

export type Phase = (typeof phases)[number];

const fileForm = /^(\d{4})_[a-z0-9_]+\.sql$/u;
const phases = ['expand', 'backfill', 'contract'] as const;

/** This package's own: the schema `plinth`. */
const own: Migrations = {
  module: 'plinth',
  folder: new URL('../../migrations/', import.meta.url),
};

/** Those of this package first, then each module's in their order. */
export function readAll(all: readonly Migrations[]): Promise<MigrationFile[][]> {
  return Promise.all([own, ...all].map(readMigrations));
}

/**
 * @throws {Problem} `postgres.migration_gap` unless the numbers run from 0001 without a gap,
 *   `postgres.migration_header` unless each says its phase at the top.
 */
async function readMigrations({ module, folder }: Migrations): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const files: MigrationFile[] = [];
  for (const [index, name] of names.entries()) {
    const id = Number(fileForm.exec(name)?.[1]);
    if (id !== index + 1) throw gap(`${module}/${name}`, index + 1);
    const sql = await readFile(new URL(name, folder), 'utf8');
    files.push({
      module,
      id,
      sql,
      name: `${module}/${name}`,
      path: fileURLToPath(new URL(name, folder)),
      checksum: createHash('sha256').update(sql).digest('hex'),
      ...headersOf(`${module}/${name}`, sql),
    });
  }
  return files;
}

function headersOf(name: string, sql: string) {
  const phase = phases.find((one) => header(sql, 'phase') === one);
  const batchTables = header(sql, 'batch')?.split(',') ?? [];
  if (phase === undefined) {
    throw badHeader(`${name} does not say -- phase: expand, backfill or contract at its top.`);
  }
  if ((phase === 'backfill') !== batchTables.length > 0) {
    throw badHeader(
      `${name}: a backfill, and nothing else, says -- batch: SCHEMA.TABLE at its top.`,
    );
  }
  const inTransaction = header(sql, 'transaction') !== 'off';
  return { phase, batchTables, inTransaction, after: header(sql, 'after') };
}

/** `-- phase: expand` in the comment lines at the top. */
function header(sql: string, name: string): string | undefined {
  for (const line of sql.split('\n')) {
    if (!line.startsWith('--')) return undefined;
    const match = /^--\s*([a-z]+):\s*(\S+)\s*$/u.exec(line);
    if (match?.[1] === name) return match[2];
  }
  return undefined;
}

function badHeader(message: string): Error {
  return refuse({ message, code: 'postgres.migration_header', kind: 'internal' });
}

function gap(name: string, expected: number): Error {
  return refuse({
    message: `${name} should have the number ${String(expected).padStart(4, '0')}: they run without a gap.`,
    code: 'postgres.migration_gap',
    kind: 'internal',
  });
}

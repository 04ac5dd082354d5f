import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

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
  readonly phase: 'expand' | 'backfill' | 'contract';
  /** False: its statements run one by one, and each can run again. */
  readonly inTransaction: boolean;
}

const fileForm = /^(\d{4})_[a-z0-9_]+\.sql$/u;
const phases = ['expand', 'backfill', 'contract'] as const;

/** @throws {Problem} `postgres.migration_gap` unless the numbers run from 0001 without a gap. */
export async function readMigrations({ module, folder }: Migrations): Promise<MigrationFile[]> {
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
      checksum: createHash('sha256').update(sql).digest('hex'),
      phase: phases.find((phase) => header(sql, 'phase') === phase) ?? 'expand',
      inTransaction: header(sql, 'transaction') !== 'off',
    });
  }
  return files;
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

function gap(name: string, expected: number): Error {
  return refuse({
    message: `${name} should have the number ${String(expected).padStart(4, '0')}: they run without a gap.`,
    code: 'postgres.migration_gap',
    kind: 'internal',
  });
}

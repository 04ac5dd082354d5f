import type { Client } from 'pg';

import { variantsOf } from '../list/variants.ts';
import { connect } from '../migrate/connect.ts';
import type { AnyStatement } from '../statement-facts.ts';
import { readCatalog, type Catalog } from './catalog.ts';
import { compare } from './compare.ts';
import { describe } from './describe.ts';
import { findListFaults } from './list-faults.ts';
import { findRightFaults } from './right-faults.ts';
import { findSchemaFaults } from './schema-faults.ts';
import { findStatements } from './statements-in.ts';

/** A table file with all that it declares at its top. */
export interface TableFile {
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}
export interface SqlFault {
  /** The file, or `schema` for what the database itself has. */
  readonly path: string;
  /** The statement, the list with its variant, or the table. */
  readonly name: string;
  readonly message: string;
}
export interface SqlCheckOptions {
  /** Tables with a tenant's id that are read before the tenant is known: no row security holds there. */
  readonly acrossTenants?: readonly string[];
}
export interface SqlReport {
  readonly statementCount: number;
  readonly listCount: number;
  readonly faults: readonly SqlFault[];
}

interface Subject {
  readonly path: string;
  readonly name: string;
  readonly statement: AnyStatement;
}

/**
 * Compares the statements and lists of table files with a migrated database: each is parsed, described and
 * planned by the server, and none is executed.
 *
 * @param adminUrl a superuser of a database that is there for the check alone.
 */
export async function checkSql(
  adminUrl: string,
  files: readonly TableFile[],
  { acrossTenants = [] }: SqlCheckOptions = {},
): Promise<SqlReport> {
  const client = await connect(adminUrl, 'plinth-check');
  try {
    const catalog = await readCatalog(client);
    const faults: SqlFault[] = [];
    const exempt = new Set(acrossTenants);
    for (const fault of findSchemaFaults(catalog, exempt))
      faults.push({ path: 'schema', ...fault });
    faults.push(...listFaults(files, catalog));
    const modules = new Set(files.map(({ path }) => moduleOf(path)));
    const subjects = files.flatMap(subjectsOf);
    for (const { path, name, statement } of subjects) {
      const messages = await checkStatement(client, catalog, statement);
      messages.push(...findTextFaults(statement, catalog, { own: moduleOf(path), modules }));
      for (const message of messages) faults.push({ path, name, message });
    }
    return { statementCount: subjects.length, listCount: countLists(files), faults };
  } finally {
    await client.end();
  }
}

function subjectsOf({ path, exports }: TableFile): Subject[] {
  const { statements, lists } = findStatements(exports);
  const composed = lists.flatMap(({ name, listing }) =>
    Array.from(variantsOf(listing), (variant) => ({
      path,
      name: `${name} ${variant.name}`,
      statement: variant.statement,
    })),
  );
  return [...statements.map((one) => ({ path, ...one })), ...composed];
}

function listFaults(files: readonly TableFile[], catalog: Catalog): SqlFault[] {
  return files.flatMap(({ path, exports }) =>
    findStatements(exports).lists.flatMap(({ name, listing }) =>
      Array.from(findListFaults(listing.def, catalog), (message) => ({ path, name, message })),
    ),
  );
}

function countLists(files: readonly TableFile[]): number {
  return files.reduce((count, { exports }) => count + findStatements(exports).lists.length, 0);
}

async function checkStatement(
  client: Client,
  catalog: Catalog,
  statement: AnyStatement,
): Promise<string[]> {
  try {
    const faults = compare(statement, await describe(client, statement.text), catalog);
    return [...faults, ...(await findRightFaults(client, statement))];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Whose tables a file may read; those of tests and packages are free. */
function moduleOf(path: string): string {
  if (path.endsWith('fixture-table.ts')) return '';
  return /^modules\/([^/]+)\//u.exec(path)?.[1] ?? '';
}

/** What the text alone shows: another module's tables. */
function* findTextFaults(
  { text }: AnyStatement,
  { tables }: Catalog,
  { own, modules }: { own: string; modules: ReadonlySet<string> },
): Iterable<string> {
  for (const name of new Set(text.match(/\b[a-z_]+\.[a-z_][a-z0-9_]*\b/gu))) {
    if (!tables.has(name)) continue;
    const [schema = ''] = name.split('.');
    if (own !== '' && schema !== own && modules.has(schema)) {
      yield `reads ${name}: of another module only the views of ${schema}_api are seen`;
    }
  }
}

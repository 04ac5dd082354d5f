import { createRandom } from '@plinth/load';
import { mendRollups, withoutRollups } from '@plinth/postgres';
import { Client } from 'pg';

import { rollups } from '../modules.ts';
import { makeCustomers, makeInvoices } from './books.ts';
import { idOf } from './ids.ts';
import { buildIndexes, dropIndexes } from './indexes.ts';
import { planTenants, type Profile, type SeedTenant } from './profiles.ts';
import { createProgress, noteTenants, readTenants } from './progress-table.ts';
import { Ledger, seedTables, type Tallies } from './tables.ts';
import type { Written } from './table-writer.ts';

export interface BooksOptions {
  readonly adminUrl: string;
  readonly loaderUrl: string;
  readonly profile: Profile;
  readonly seed: number;
  /** Midnight UTC of the last day of the books. */
  readonly todayMs: number;
  readonly signal: AbortSignal;
  onProgress(step: string, fraction: number, detail: string): void;
}
export interface Books {
  readonly tenants: readonly SeedTenant[];
  readonly tables: readonly Written[];
  readonly invoices: number;
  readonly lines: number;
}

/** Above so many invoices it pays to build the indexes afterwards. */
const indexedInvoicesMax = 20_000;
/** Tenants are committed together up to so many invoices: what a crash repeats. */
const groupInvoicesMax = 100_000;
/** Rows between two looks at the connections. */
const flushRows = 500;

/** Writes the synthetic tenants' books by COPY; goes on behind the last group that was committed. */
export async function writeBooks(options: BooksOptions): Promise<Books> {
  const admin = new Client({ connectionString: options.adminUrl });
  await admin.connect();
  try {
    await createProgress(admin);
    return await writeAll(admin, options);
  } finally {
    await admin.end();
  }
}

async function writeAll(admin: Client, options: BooksOptions): Promise<Books> {
  const { profile, seed, onProgress } = options;
  const known = await readTenants(admin, { profile: profile.name, seed });
  const tenants = planTenants(profile, seed).map((plan, index) => ({ ...plan, index }));
  const open = tenants.filter(({ slug }) => known.get(slug)?.state !== 'written');
  const all = open.reduce((sum, { invoices }) => sum + invoices, 0);
  await removeHalfWritten(
    admin,
    tenants.filter(({ slug }) => known.get(slug)?.state === 'writing'),
  );
  const isBulk = all > indexedInvoicesMax && (await areEmpty(admin));
  if (isBulk) await dropIndexes(admin);
  const tables = new Map<string, Written>();
  const totals = { invoices: 0, lines: 0 };
  const writeGroups = async () => {
    for (const group of groupsOf(open)) {
      options.signal.throwIfAborted();
      await noteTenants(admin, { profile: profile.name, seed }, group, 'writing');
      const written = await writeGroup(options, group, (invoices) => {
        const done = totals.invoices + invoices;
        onProgress('books', Math.min(0.999, done / Math.max(1, all)), `${done} invoices`);
      });
      for (const one of written.tables) merge(tables, one);
      await noteCounts(admin, written.counts);
      await noteTenants(admin, { profile: profile.name, seed }, group, 'written');
      totals.invoices += written.invoices;
      totals.lines += written.lines;
    }
    onProgress('books', 1, `${totals.invoices} invoices, ${totals.lines} lines`);
  };
  // What a seed that was killed left off.
  await mendRollups(options.adminUrl, rollups);
  // Each table is committed on a connection of its own: who counts lines at a document's commit would miss some.
  const late = isBulk ? rollups : rollups.filter(({ parts }) => parts !== undefined);
  if (open.length > 0) await withoutRollups(options.adminUrl, late, writeGroups);
  await finish(admin, onProgress);
  return { tenants, tables: [...tables.values()], ...totals };
}

type Numbered = SeedTenant & { readonly index: number };

function* groupsOf(tenants: readonly Numbered[]): Generator<Numbered[]> {
  let group: Numbered[] = [];
  let invoices = 0;
  for (const tenant of tenants) {
    if (group.length > 0 && invoices + tenant.invoices > groupInvoicesMax) {
      yield group;
      group = [];
      invoices = 0;
    }
    group.push(tenant);
    invoices += tenant.invoices;
  }
  if (group.length > 0) yield group;
}

interface Counts {
  readonly tenantId: string;
  readonly customers: number;
  readonly tallies: Tallies;
}

async function writeGroup(
  options: BooksOptions,
  group: readonly Numbered[],
  onInvoices: (count: number) => void,
): Promise<{ tables: Written[]; counts: Counts[]; invoices: number; lines: number }> {
  const ledger = await Ledger.open(options.loaderUrl, options.todayMs);
  const counts: Counts[] = [];
  let invoices = 0;
  try {
    for (const tenant of group) {
      const before = invoices;
      const tallies = await writeTenant(ledger, options, tenant, (count) =>
        onInvoices(before + count),
      );
      invoices += tallies.invoices;
      counts.push({ tenantId: tenant.tenantId, customers: tenant.customers, tallies });
    }
    const tables = await ledger.commit();
    const lines = counts.reduce((sum, { tallies }) => sum + tallies.lines, 0);
    return { tables, counts, invoices, lines };
  } catch (error) {
    await ledger.abort();
    throw error;
  }
}

async function writeTenant(
  ledger: Ledger,
  { seed, todayMs, signal }: BooksOptions,
  tenant: Numbered,
  onInvoices: (count: number) => void,
): Promise<Tallies> {
  // A source of its own for each tenant: a resumed seed makes the same books.
  const book = { ...tenant, random: createRandom(seed * 65_537 + tenant.index + 1), todayMs };
  const customers = [...makeCustomers(book)];
  const tenantId = idOf(tenant.tenantId);
  for (const customer of customers) ledger.addCustomer(tenantId, customer);
  await ledger.flush();
  const tallies: Tallies = { invoices: 0, lines: 0, payments: 0, series: new Map() };
  let made = 0;
  for (const invoice of makeInvoices(book, customers)) {
    ledger.addInvoice(tenantId, invoice, tallies);
    made += 1;
    if (made % flushRows !== 0) continue;
    await ledger.flush();
    onInvoices(tallies.invoices);
    signal.throwIfAborted();
  }
  await ledger.flush();
  return tallies;
}

/** How many numbers of each series are given, so that the next invoice continues them. */
async function noteCounts(admin: Client, counts: readonly Counts[]): Promise<void> {
  for (const { tenantId, customers, tallies } of counts) {
    await admin.query('begin');
    await admin.query(`select set_config('app.tenant', $1, true)`, [tenantId]);
    for (const [place, last] of tallies.series) {
      const [series, year] = place.split(' ');
      await admin.query(
        'insert into invoicing.series_year (series, year, last) values ($1, $2, $3)',
        [series, Number(year), last],
      );
    }
    await admin.query('insert into customers.number_series (last) values ($1)', [customers]);
    if (tallies.payments > 0) {
      await admin.query('insert into payments.counter (last) values ($1)', [tallies.payments]);
    }
    await admin.query('commit');
  }
}

async function areEmpty(admin: Client): Promise<boolean> {
  for (const table of seedTables) {
    const { rowCount } = await admin.query(`select from ${table} limit 1`);
    if (rowCount !== 0) return false;
  }
  return true;
}

/** A seed that was killed between the commits of its tables left some of a tenant's rows. */
async function removeHalfWritten(admin: Client, tenants: readonly Numbered[]): Promise<void> {
  const ids = tenants.map(({ tenantId }) => tenantId);
  if (ids.length === 0) return;
  const counters = ['invoicing.series_year', 'customers.number_series', 'payments.counter'];
  for (const table of [...seedTables, ...counters]) {
    await admin.query(`delete from ${table} where tenant_id = any ($1)`, [ids]);
  }
}

async function finish(admin: Client, onProgress: BooksOptions['onProgress']): Promise<void> {
  await buildIndexes(admin, (done, all, name) => onProgress('indexes', done / all, name));
  for (const [done, table] of seedTables.entries()) {
    onProgress('indexes', 0.99, `vacuum ${table} (${done + 1} of ${seedTables.length})`);
    await admin.query(`vacuum (analyze) ${table}`);
  }
  onProgress('indexes', 1, 'built');
}

/** Groups of one table: the checksum of both checksums. */
function merge(tables: Map<string, Written>, next: Written): void {
  const before = tables.get(next.table);
  if (before === undefined) {
    tables.set(next.table, next);
    return;
  }
  const mixed =
    (BigInt(`0x${before.checksum}`) * 31n + BigInt(`0x${next.checksum}`)) & ((1n << 32n) - 1n);
  tables.set(next.table, {
    table: next.table,
    rows: before.rows + next.rows,
    checksum: mixed.toString(16).padStart(8, '0'),
  });
}

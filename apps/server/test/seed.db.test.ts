import assert from 'node:assert/strict';
import { finished } from 'node:stream/promises';
import { test, type TestContext } from 'node:test';

import { cloneDatabase } from '@plinth/testing';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { migrations } from '../src/modules.ts';
import { CopyRows } from '../src/seed/copy-rows.ts';
import { idOf, idText } from '../src/seed/ids.ts';
import { writeBooks, type Books } from '../src/seed/write-books.ts';

const tenant = { name: 'Meridian', slug: 'meridian', customers: 60, days: 400 };
const few = { invoices: 400 };
/** Indexes and sums are taken off above 20,000. */
const many = { invoices: 20_100 };

async function openClient(t: TestContext, url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // The database is dropped first, which ends the connection.
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  return client;
}

async function seedInto(
  t: TestContext,
  { invoices, onOpen }: { invoices: number; onOpen?: (admin: Client) => Promise<void> },
): Promise<{ books: Books; admin: Client }> {
  const { adminUrl, loaderUrl } = await cloneDatabase(t, { migrations });
  const admin = await openClient(t, adminUrl);
  await onOpen?.(admin);
  const books = await writeBooks({
    adminUrl,
    loaderUrl,
    profile: { name: 'test', wholesaler: false, tenants: [{ ...tenant, invoices }] },
    seed: 7,
    todayMs: Date.UTC(2026, 10, 23),
    signal: AbortSignal.timeout(60_000),
    onProgress: () => {},
  });
  return { books, admin };
}

test('what COPY is given comes back as it was', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const client = await openClient(t, adminUrl);
  await client.query(
    'create table row_of (id uuid, flag bool, small int4, big int8, day date, at timestamptz, words text, none text)',
  );
  const id = '0197f0a2-7c3e-7abc-bdef-0123456789ff';
  const at = Date.UTC(2031, 1, 28, 23, 59, 59, 987);
  const before = Date.UTC(1999, 11, 31, 23, 59, 59, 999);
  const words = ['', 'plain', 'tab\tand\nline \\N', 'Łódź 株式会社 🙂', 'é'.repeat(1_000)];
  const bigs = [0, -1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const rows = new CopyRows(8, 64);
  const wanted = bigs.map((big, index) => ({
    big,
    words: words[index] ?? 'last',
    at: index % 2 === 0 ? at : before,
  }));
  for (const { big, words: text, at: ms } of wanted) {
    rows
      .row()
      .uuid(idOf(id))
      .bool(big > 0)
      .int4(-7)
      .int8(big);
    rows.day(ms).instant(ms).text(text).none();
  }
  rows.close();

  const stream = client.query(copyFrom('copy row_of from stdin (format binary)'));
  stream.end(rows.take());
  await finished(stream);

  const { rows: found } = await client.query(
    'select id, flag, small, big::text, day::text, at, words, none from row_of',
  );
  assert.deepEqual(
    found,
    wanted.map(({ big, words: text, at: ms }) => ({
      id,
      flag: big > 0,
      small: -7,
      big: String(big),
      day: new Date(ms).toISOString().slice(0, 10),
      at: new Date(ms),
      words: text,
      none: null,
    })),
  );
  assert.equal(idText(idOf(id)), id);
  assert.throws(() => rows.row().text('x'.repeat(2_000)), /too long/u);
});

test('the same seed writes the same books, and they add up', async (t) => {
  const [first, second] = [await seedInto(t, few), await seedInto(t, few)];

  assert.deepEqual(first.books.tables, second.books.tables);
  assert.equal(first.books.invoices >= few.invoices, true);
  const { rows } = await first.admin.query<Record<string, number>>(
    `select
       (select count(*)::int from invoicing.invoice) as invoices,
       (select count(*)::int from invoicing.line) as lines,
       (select count(*)::int from invoicing.invoice i where net_minor <>
         (select sum(net_minor) from invoicing.line l where l.invoice_id = i.id)) as "wrongNet",
       (select count(*)::int from invoicing.invoice i where paid_minor <> coalesce(
         (select sum(amount_minor) from payments.allocation a where a.invoice_id = i.id), 0)) as "wrongPaid",
       (select count(*)::int from (select series, extract(year from issued_at) as year,
          count(*) as n, max(right(number, 6)::int) as last from invoicing.invoice
          where series = 'INV' group by 1, 2) s where n <> last) as gaps,
       (select count(*)::int from invoicing.series_year y where last <>
         (select count(*) from invoicing.invoice i where i.series = y.series
            and number like y.series || '-' || y.year || '-%')) as "wrongSeries",
       (select sum(tax_minor)::int from invoicing_api.turnover_by_day)
         - (select sum(tax_minor)::int from invoicing_api.turnover_by_tax_rate) as "taxBeyond"`,
  );
  assert.deepEqual(rows, [
    {
      invoices: first.books.invoices,
      lines: first.books.lines,
      wrongNet: 0,
      wrongPaid: 0,
      gaps: 0,
      wrongSeries: 0,
      taxBeyond: 0,
    },
  ]);
});

interface Shape {
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
}

async function readShape(admin: Client): Promise<Shape> {
  const { rows: indexes } = await admin.query<{ name: string }>(
    `select indexdef as name from pg_indexes where schemaname in ('customers', 'invoicing', 'payments') order by 1`,
  );
  const { rows: triggers } = await admin.query<{ name: string }>(
    `select pg_get_triggerdef(oid) || tgenabled::text as name from pg_trigger where not tgisinternal order by 1`,
  );
  return {
    indexes: indexes.map(({ name }) => name),
    triggers: triggers.map(({ name }) => name),
  };
}

test('a seed in bulk leaves every index, trigger and sum in its place', async (t) => {
  let before: Shape | undefined;
  const { books, admin } = await seedInto(t, {
    ...many,
    onOpen: async (opened) => {
      before = await readShape(opened);
    },
  });

  assert.deepEqual(await readShape(admin), before);
  const { rows } = await admin.query<{
    taxed: string;
    sums: string;
    books: string;
    invoices: number;
  }>(
    `select (select sum(net_minor + tax_minor)::text from invoicing_api.turnover_by_tax_rate) as taxed,
       (select sum(gross_minor)::text from invoicing_api.turnover_by_day) as sums,
       (select sum(gross_minor)::text from invoicing.invoice where status <> 'draft') as books,
       (select count(*)::int from invoicing.invoice) as invoices`,
  );
  assert.equal(rows[0]?.sums, rows[0]?.books);
  assert.equal(rows[0]?.taxed, rows[0]?.books);
  assert.equal(rows[0]?.invoices, books.invoices);
});

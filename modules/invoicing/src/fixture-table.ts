import { sql, t } from '@plinth/postgres';

/** What the neighbours' tables hold before a test, as their modules leave it. */
export const insertCustomers = sql(
  { ids: t.array(t.uuid), numbers: t.array(t.text), names: t.array(t.text) },
  { id: t.uuid, number: t.text, name: t.text },
)`
  insert into customers.customer (id, number, name, country, currency, term_days, created_at, changed_at)
  select id, number, name, 'DE', 'EUR', 14, now(), now()
  from unnest(${'ids'}::uuid[], ${'numbers'}::text[], ${'names'}::text[]) as n (id, number, name)
  on conflict (tenant_id, number) do nothing returning id, number, name`;
export const customersByNumber = sql(
  { numbers: t.array(t.text) },
  { id: t.uuid, number: t.text, name: t.text },
)`
  select id, number, name from customers_api.customer where number = any(${'numbers'})`;
export const archiveCustomer = sql({ id: t.uuid }, {})`
  update customers.customer set archived_at = now() where id = ${'id'}`;
export const renameCustomer = sql({ id: t.uuid, name: t.text }, {})`
  update customers.customer set name = ${'name'} where id = ${'id'}`;

/** The numbers of a series, as they stand in its documents, and how many its row has counted. */
export const numbersOf = sql({ series: t.text }, { number: t.text })`
  select number_key as number from invoicing.invoice where series = ${'series'} order by 1`;
export const countsOf = sql({ series: t.text }, { year: t.int4, last: t.int4 })`
  select year, last from invoicing.series_year where series = ${'series'} order by 1`;
/** Events that were published, by name. */
export const eventsOf = sql({ tenant: t.text }, { name: t.text, count: t.int4 })`
  select name, count(*)::int as count from plinth.outbox where tenant = ${'tenant'} group by name order by name`;

/** As a superuser: the bench writes with and without rollups. */
export const triggersOn = sql({}, {})`alter table invoicing.invoice enable trigger user`;
export const triggersOff = sql({}, {})`alter table invoicing.invoice disable trigger user`;
export const deleteAll = sql({}, {})`delete from invoicing.invoice`;

export const insertBulk = sql({ rows: t.int4, tenant: t.uuid }, {})`
  insert into invoicing.invoice (tenant_id, id, kind, status, series, number, customer_id, customer_name, currency,
    issue_date, due_date, net_minor, tax_minor, gross_minor, created_at, updated_at, issued_at)
  select ${'tenant'}, i.id, 'invoice', 'issued', 'B', i.id::text, i.id, 'X', 'EUR',
    date '2026-01-01' + n % 300, date '2026-12-31', n, 0, n, now(), now(), now()
  from (select gen_random_uuid() as id, n from generate_series(1, ${'rows'}::int) n) i`;

/** Documents without amounts, for the sums of their lines. */
export const insertTaxed = sql(
  { id: t.uuid, status: t.text, currency: t.text, issueDate: t.date },
  {},
)`
  insert into invoicing.invoice (id, kind, status, series, number, customer_id, customer_name, currency, issue_date,
    due_date, net_minor, tax_minor, gross_minor, created_at, updated_at, issued_at)
  select n.id, 'invoice', n.status, case n.status when 'draft' then null else 'T' end,
    case n.status when 'draft' then null else n.id::text end, n.id, 'X', ${'currency'}, ${'issueDate'},
    '2027-01-01', 0, 0, 0, now(), now(), case n.status when 'draft' then null else now() end
  from (select ${'id'}::uuid as id, ${'status'}::text as status) n`;
export const insertTaxedLines = sql(
  { invoiceId: t.uuid, positions: t.array(t.int4), rates: t.array(t.int4), nets: t.array(t.int8n) },
  {},
)`
  insert into invoicing.line (invoice_id, position, description, quantity_micro, unit_price_minor, tax_ppm, net_minor)
  select ${'invoiceId'}, l.position, 'X', 1000000, l.net, l.rate, l.net
  from unnest(${'positions'}::int[], ${'rates'}::int[], ${'nets'}::bigint[]) as l (position, rate, net)`;
export const moveTaxed = sql({ id: t.uuid, currency: t.text, issueDate: t.date }, {})`
  update invoicing.invoice set currency = ${'currency'}, issue_date = ${'issueDate'} where id = ${'id'}`;
export const countTaxed = sql({ id: t.uuid }, {})`
  update invoicing.invoice set status = 'settled', series = 'T', number = id::text, issued_at = now() where id = ${'id'}`;
export const uncountTaxed = sql({ id: t.uuid }, {})`
  update invoicing.invoice set status = 'draft', series = null, number = null, issued_at = null where id = ${'id'}`;
export const deleteTaxed = sql(
  { id: t.uuid },
  {},
)`delete from invoicing.invoice where id = ${'id'}`;
export const deleteTaxedLines = sql(
  { id: t.uuid },
  {},
)`delete from invoicing.line where invoice_id = ${'id'}`;
export const taxSums = sql(
  {},
  {
    issueDate: t.date,
    currency: t.text,
    taxPpm: t.int4,
    netMinor: t.int8n,
    taxMinor: t.int8n,
    documents: t.int4,
  },
)`
  select issue_date as "issueDate", currency, tax_ppm as "taxPpm", net_minor as "netMinor", tax_minor as "taxMinor",
    documents::int as documents
  from invoicing_api.turnover_by_tax_rate`;

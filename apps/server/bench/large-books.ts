import type { Client } from 'pg';

export const tenant = '01900000-0000-7000-8000-00000000000a';
export const today = '2026-03-18';
const invoiceCount = 2_500_000;
const linesEach = 4;
const customerCount = 100_000;

/** What lists, searches and numbers need, and no report: a million rows are in sooner without. */
const needless = [
  'invoice_search',
  'invoice_number_key',
  'invoice_customer_key',
  'invoice_gross',
  'invoice_open_amount',
  'invoice_series_number',
].map((name) => `invoicing.${name}`);
const needlessOfPayments = [
  'payment_search',
  'payment_number',
  'payment_number_order',
  'payment_customer_key',
  'payment_amount',
  'payment_unallocated',
].map((name) => `payments.${name}`);

const idOf = (place: string, kind: string) =>
  `('${kind}-0000-7000-8000-' || lpad(to_hex(${place}), 12, '0'))::uuid`;

/**
 * Three years of a company: few customers buy much, most pay in time, 20 % late, 7 % owe for long. Prices and
 * customers by a hash of the row's number, so that each run has the same books.
 */
const fillInvoices = `
  insert into invoicing.invoice (tenant_id, id, kind, status, series, number, customer_id, customer_name, currency,
    issue_date, due_date, net_minor, tax_minor, gross_minor, paid_minor, created_at, updated_at, issued_at)
  select $1, ${idOf('n', '01900001')}, case when is_note then 'credit-note' else 'invoice' end,
    case when is_draft then 'draft' when is_note then 'issued' when paid >= gross then 'settled'
      when paid > 0 then 'partly-paid' else 'issued' end,
    case when not is_draft then 'B' end, case when not is_draft then n::text end,
    ${idOf('customer', '01900002')}, 'Customer ' || customer, (array['EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'USD', 'GBP', 'JPY', 'CHF'])[1 + customer % 10],
    day, day + 30, sign * (gross - gross / 6), sign * (gross / 6), sign * gross, paid, day, day, case when not is_draft then day end
  from (
    select *, case when is_draft or is_note then 0
        when fate < 70 and age > 25 then gross
        when fate < 90 and age > 60 then gross
        when fate between 90 and 94 and age > 40 then gross * 2 / 5
        when fate between 95 and 97 then gross else 0 end as paid,
      case when is_note then -1 else 1 end as sign
    from (
      select n, day, $2::date - day as age, abs(hashint8(n)) % 100 as fate,
        (power((abs(hashint8(n + 7)) % 1000000) / 1000000.0, 2) * $4)::int as customer,
        1000 + abs(hashint8(n + 13)) % 200000 as gross,
        $2::date - day < 20 and abs(hashint8(n + 3)) % 100 < 15 as is_draft,
        $2::date - day >= 20 and abs(hashint8(n + 5)) % 1000 = 0 as is_note
      from (select n, $2::date - 1094 + (n * 1095 / ($3 + 1))::int as day from generate_series(1, $3::bigint) n) d) f) g`;

const fillLines = `
  insert into invoicing.line (tenant_id, invoice_id, position, description, quantity_micro, unit_price_minor, tax_ppm, net_minor)
  select i.tenant_id, i.id, p, 'Article', 1000000, i.net_minor / $1, (array[0, 70000, 190000, 190000])[p], i.net_minor / $1
  from invoicing.invoice i, generate_series(1, $1::int) p`;

const fillPayments = `
  insert into payments.payment (tenant_id, id, number, customer_id, customer_name, received_on, method, status, currency,
    amount_minor, allocated_minor, created_at, updated_at)
  select tenant_id, id, number, customer_id, customer_name, least(issue_date + 25, $1::date), 'transfer', 'allocated', currency,
    paid_minor, paid_minor, created_at, updated_at
  from invoicing.invoice where paid_minor > 0`;

const fillAllocations = `
  insert into payments.allocation (tenant_id, payment_id, invoice_id, amount_minor, allocated_at)
  select tenant_id, id, id, amount_minor, created_at from payments.payment`;

/** 2.5 million invoices with ten million lines, and their payments. @param admin a superuser. */
export async function fillBooks(admin: Client): Promise<void> {
  await admin.query('set statement_timeout = 0');
  await admin.query(`set maintenance_work_mem = '512MB'`);
  const indexes = [...needless, ...needlessOfPayments];
  await admin.query(`drop index if exists ${indexes.join(', ')}`);
  await admin.query(fillInvoices, [tenant, today, invoiceCount, customerCount]);
  await admin.query('alter table invoicing.line drop constraint line_pkey');
  await admin.query(fillLines, [linesEach]);
  await admin.query('alter table invoicing.line add primary key (tenant_id, invoice_id, position)');
  await admin.query(fillPayments, [today]);
  await admin.query(fillAllocations);
  const filled = ['invoicing.invoice', 'invoicing.line', 'payments.payment', 'payments.allocation'];
  await admin.query(`vacuum (analyze) ${filled.join(', ')}`);
}

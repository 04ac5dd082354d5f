import { list, sql, t } from '@plinth/postgres';

const text = t.nullable(t.text);
const fields = {
  name: t.text,
  legalName: text,
  vatId: text,
  email: text,
  phone: text,
  street: text,
  postalCode: text,
  city: text,
  region: text,
  country: t.text,
  currency: t.text,
  termDays: t.int4,
  creditLimitMinor: t.nullable(t.int8n),
  notes: text,
};
const columns = sql.fragment`
  c.id, c.version, c.number, c.name, c.legal_name as "legalName", c.vat_id as "vatId", c.email, c.phone,
  c.street, c.postal_code as "postalCode", c.city, c.region, c.country, c.currency,
  c.term_days as "termDays", c.credit_limit_minor as "creditLimitMinor", c.notes,
  c.archived_at as "archivedAt", c.created_at as "createdAt", c.changed_at as "changedAt"`;
const row = {
  id: t.uuid,
  version: t.int8n,
  number: t.text,
  ...fields,
  archivedAt: t.nullable(t.instant),
  createdAt: t.instant,
  changedAt: t.instant,
};

export const customerList = list({
  name: 'customers.customers',
  from: 'customers.customer c',
  id: 'c.id',
  select: sql.fragment`
    c.id, c.version, c.number, c.name, c.email, c.city, c.country, c.currency,
    c.balance_minor as "balanceMinor", c.overdue_minor as "overdueMinor", c.term_days as "termDays",
    c.credit_limit_minor as "creditLimitMinor", c.archived, c.created_at as "createdAt"`,
  row: {
    id: t.uuid,
    version: t.int8n,
    number: t.text,
    name: t.text,
    email: text,
    city: text,
    country: t.text,
    currency: t.text,
    balanceMinor: t.int8n,
    overdueMinor: t.int8n,
    termDays: t.int4,
    creditLimitMinor: t.nullable(t.int8n),
    archived: t.bool,
    createdAt: t.instant,
  },
  fields: {
    name: {
      sql: 'c.name_key',
      type: 'text',
      fold: true,
      filter: true,
      sort: { index: 'customer_name' },
      search: { function: 'customers.search_customer_name' },
    },
    number: {
      sql: 'c.number',
      type: 'text',
      filter: true,
      sort: { index: 'customer_number_id' },
    },
    country: {
      sql: 'c.country',
      type: 'enum',
      filter: true,
      sort: { index: 'customer_country' },
    },
    currency: { sql: 'c.currency', type: 'enum', filter: true, sort: true },
    balance: {
      sql: 'c.balance_minor',
      type: 'money',
      filter: true,
      sort: { index: 'customer_balance' },
      sum: 'c.currency',
    },
    overdue: {
      sql: 'c.overdue_minor',
      type: 'money',
      filter: true,
      sort: { index: 'customer_overdue' },
      sum: 'c.currency',
    },
    termDays: { sql: 'c.term_days', type: 'number', filter: true, sort: true },
    archived: { sql: 'c.archived', type: 'bool', filter: true },
    createdAt: {
      sql: 'c.created_at',
      type: 'instant',
      filter: true,
      sort: { index: 'customer_created' },
    },
  },
  defaultSort: 'name',
  q: { function: 'customers.search_customer' },
});

export const customerById = sql({ id: t.uuid }, row, { hot: true })`
  select ${columns} from customers.customer c
  where c.tenant_id = current_setting('app.tenant')::uuid and c.id = ${'id'}`;

/** Holds the row until the end of the transaction: of two changes, the second sees the first's. */
export const lockCustomer = sql({ id: t.uuid }, row)`
  select ${columns} from customers.customer c where c.id = ${'id'} for no key update`;

export const lockCustomersByNumber = sql({ numbers: t.array(t.text) }, row)`
  select ${columns} from customers.customer c
  where c.number = any(${'numbers'})
  order by c.number
  for no key update`;

export const customersByNumber = sql(
  { numbers: t.array(t.text) },
  { id: t.uuid, number: t.text, name: t.text },
)`
  select id, number, name from customers.customer where number = any(${'numbers'})`;

/** Best first: a number or name that begins so, then the rest by name. */
export const suggestions = sql(
  { q: t.text, begin: t.text },
  {
    id: t.uuid,
    number: t.text,
    name: t.text,
    city: text,
    country: t.text,
    currency: t.text,
    termDays: t.int4,
  },
)`
  select c.id, c.number, c.name, c.city, c.country, c.currency, c.term_days as "termDays"
  from customers.search_customer(${'q'}, 200) found (id)
  join customers.customer c on c.id = found.id
  where not c.archived
  order by not (c.name_key >= ${'begin'} and c.name_key < ${'begin'} || chr(1114111)
                or lower(c.number) = ${'begin'}),
           c.name_key, c.id
  limit 20`;

/** The next number of the tenant. Holds the series until the end of the transaction. */
export const takeNumber = sql({}, { last: t.int8n })`
  insert into customers.number_series (last) values (1)
  on conflict (tenant_id) do update set last = number_series.last + 1
  returning last`;

const lists = {
  id: t.array(t.uuid),
  number: t.array(t.text),
  name: t.array(t.text),
  legalName: t.array(text),
  vatId: t.array(text),
  email: t.array(text),
  phone: t.array(text),
  street: t.array(text),
  postalCode: t.array(text),
  city: t.array(text),
  region: t.array(text),
  country: t.array(t.text),
  currency: t.array(t.text),
  termDays: t.array(t.int4),
  creditLimitMinor: t.array(t.nullable(t.int8n)),
  notes: t.array(text),
  now: t.instant,
};

/** Any number of customers; one whose number is taken gives no row back. */
export const insertCustomers = sql(lists, { id: t.uuid, number: t.text })`
  insert into customers.customer
    (id, number, name, legal_name, vat_id, email, phone, street, postal_code, city, region, country,
     currency, term_days, credit_limit_minor, notes, created_at, changed_at)
  select g.*, ${'now'}, ${'now'}
  from unnest(${'id'}::uuid[], ${'number'}::text[], ${'name'}::text[], ${'legalName'}::text[],
              ${'vatId'}::text[], ${'email'}::text[], ${'phone'}::text[], ${'street'}::text[],
              ${'postalCode'}::text[], ${'city'}::text[], ${'region'}::text[],
              ${'country'}::text[], ${'currency'}::text[], ${'termDays'}::int[],
              ${'creditLimitMinor'}::bigint[], ${'notes'}::text[]) g
  order by 2
  on conflict (tenant_id, number) do nothing
  returning id, number`;

/** Rows that this transaction has locked. */
export const saveCustomers = sql(lists, { id: t.uuid, version: t.int8n })`
  update customers.customer c
  set number = g.number, name = g.name, legal_name = g.legal_name, vat_id = g.vat_id, email = g.email,
      phone = g.phone, street = g.street, postal_code = g.postal_code, city = g.city, region = g.region,
      country = g.country, currency = g.currency, term_days = g.term_days,
      credit_limit_minor = g.credit_limit_minor, notes = g.notes, changed_at = ${'now'},
      version = c.version + 1
  from unnest(${'id'}::uuid[], ${'number'}::text[], ${'name'}::text[], ${'legalName'}::text[],
              ${'vatId'}::text[], ${'email'}::text[], ${'phone'}::text[], ${'street'}::text[],
              ${'postalCode'}::text[], ${'city'}::text[], ${'region'}::text[],
              ${'country'}::text[], ${'currency'}::text[], ${'termDays'}::int[],
              ${'creditLimitMinor'}::bigint[], ${'notes'}::text[])
       g (id, number, name, legal_name, vat_id, email, phone, street, postal_code, city, region, country,
          currency, term_days, credit_limit_minor, notes)
  where c.id = g.id
  returning c.id, c.version`;

export const saveArchived = sql(
  { id: t.uuid, archivedAt: t.nullable(t.instant), now: t.instant },
  { version: t.int8n },
)`
  update customers.customer
  set archived_at = ${'archivedAt'}, changed_at = ${'now'}, version = version + 1
  where id = ${'id'}
  returning version`;

/** The contacts are part of the customer: its version rises with them. */
export const touchCustomer = sql({ id: t.uuid, now: t.instant }, { version: t.int8n })`
  update customers.customer set changed_at = ${'now'}, version = version + 1
  where id = ${'id'}
  returning version`;

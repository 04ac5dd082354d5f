-- phase: expand
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gin with schema public;

create schema customers;
create schema customers_api;
grant usage on schema customers, customers_api to plinth_app;

create table customers.customer (
  tenant_id          uuid not null default current_setting('app.tenant')::uuid,
  id                 uuid not null,
  version            bigint not null default 1,
  number             text collate "C" not null check (length(number) between 1 and 32),
  name               text not null check (length(name) between 1 and 200),
  legal_name         text check (length(legal_name) between 1 and 200),
  vat_id             text check (length(vat_id) between 2 and 32),
  email              text check (length(email) between 3 and 254),
  phone              text check (length(phone) between 1 and 40),
  street             text check (length(street) between 1 and 200),
  postal_code        text check (length(postal_code) between 1 and 20),
  city               text check (length(city) between 1 and 100),
  region             text check (length(region) between 1 and 100),
  country            text collate "C" not null check (country ~ '^[A-Z]{2}$'),
  currency           text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  term_days          int not null default 30 check (term_days between 0 and 365),
  credit_limit_minor bigint check (credit_limit_minor between 0 and 9007199254740991),
  notes              text check (length(notes) <= 4000),
  archived_at        timestamptz,
  created_at         timestamptz not null,
  changed_at         timestamptz not null,
  -- In the customer's own currency, kept from the events of invoicing and payments; no change of the version.
  balance_minor      bigint not null default 0,
  overdue_minor      bigint not null default 0,
  archived           boolean not null generated always as (archived_at is not null) stored,
  name_key           text collate "C" not null generated always as (lower(name)) stored,
  search_key         text collate "C" not null
                     generated always as (lower(number || ' ' || name || ' ' || coalesce(city, '') || ' ' ||
                                                coalesce(email, '') || ' ' || coalesce(vat_id, ''))) stored,
  primary key (tenant_id, id)
) with (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.02);

create unique index customer_number  on customers.customer (tenant_id, number);
create index customer_number_id      on customers.customer (tenant_id, number, id);
create index customer_name           on customers.customer (tenant_id, name_key, id);
create index customer_balance        on customers.customer (tenant_id, balance_minor, id);
create index customer_overdue        on customers.customer (tenant_id, overdue_minor, id);
create index customer_country        on customers.customer (tenant_id, country, id);
create index customer_created        on customers.customer (tenant_id, created_at, id);
create index customer_search         on customers.customer using gin (tenant_id, search_key public.gin_trgm_ops);

alter table customers.customer enable row level security;
alter table customers.customer force row level security;
create policy tenant on customers.customer
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on customers.customer to plinth_app;
grant insert on customers.customer to plinth_loader;

create table customers.contact (
  tenant_id    uuid not null default current_setting('app.tenant')::uuid,
  customer_id  uuid not null,
  position     int not null check (position between 1 and 50),     -- in the order that a person gave
  name         text not null check (length(name) between 1 and 200),
  job          text check (length(job) between 1 and 100),
  email        text check (length(email) between 3 and 254),
  phone        text check (length(phone) between 1 and 40),
  primary key (tenant_id, customer_id, position),
  foreign key (tenant_id, customer_id) references customers.customer
);
alter table customers.contact enable row level security;
alter table customers.contact force row level security;
create policy tenant on customers.contact
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, delete on customers.contact to plinth_app;

-- The last number that was given by us: K-000123. Numbers of customers may have gaps.
create table customers.number_series (
  tenant_id uuid primary key default current_setting('app.tenant')::uuid,
  last      bigint not null check (last > 0)
);
alter table customers.number_series enable row level security;
alter table customers.number_series force row level security;
create policy tenant on customers.number_series
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on customers.number_series to plinth_app;

-- What is open of a document: invoices and credit notes of module invoicing, and as a negative amount what is
-- not allocated of a payment. A row goes when nothing is open, so that a change costs one row, not a recount.
create table customers.open_document (
  tenant_id    uuid not null default current_setting('app.tenant')::uuid,
  document_id  uuid not null,
  customer_id  uuid not null,
  kind         text not null check (kind in ('invoice', 'payment')),
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  open_minor   bigint not null check (open_minor <> 0),
  is_overdue   boolean not null,
  primary key (tenant_id, document_id)
);
alter table customers.open_document enable row level security;
alter table customers.open_document force row level security;
create policy tenant on customers.open_document
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on customers.open_document to plinth_app;

create table customers.balance (
  tenant_id        uuid not null default current_setting('app.tenant')::uuid,
  customer_id      uuid not null,
  currency         text not null check (currency ~ '^[A-Z]{3}$'),
  open_minor       bigint not null,
  credit_minor     bigint not null,                  -- paid and not allocated
  overdue_minor    bigint not null,
  open_invoices    int not null,
  overdue_invoices int not null,
  primary key (tenant_id, customer_id, currency)
) with (fillfactor = 70);
alter table customers.balance enable row level security;
alter table customers.balance force row level security;
create policy tenant on customers.balance
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on customers.balance to plinth_app;

create table customers.import (
  tenant_id    uuid not null default current_setting('app.tenant')::uuid,
  id           uuid not null,
  state        text not null check (state in ('uploaded', 'running', 'done', 'failed')),
  blob         text not null check (length(blob) between 1 and 300),
  file_name    text not null check (length(file_name) <= 255),
  encoding     text not null check (encoding in ('utf-8', 'utf-16le', 'utf-16be', 'windows-1252')),
  separator    text not null check (separator in (',', ';', 'tab')),
  header       text[] not null,
  sample       jsonb not null,
  mapping      jsonb not null,
  defaults     jsonb not null default '{}',
  started_by   uuid,
  job_id       uuid,
  rows_read    int not null default 0,
  created      int not null default 0,
  changed      int not null default 0,
  unchanged    int not null default 0,
  rejected     int not null default 0,
  reason       text check (length(reason) <= 500),
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (tenant_id, id)
);
create index import_created on customers.import (tenant_id, created_at);
alter table customers.import enable row level security;
alter table customers.import force row level security;
create policy tenant on customers.import
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on customers.import to plinth_app;

create table customers.import_reject (
  tenant_id  uuid not null default current_setting('app.tenant')::uuid,
  import_id  uuid not null,
  line       int not null,
  field      text not null,                          -- ours; empty: the whole row
  header     text not null,                          -- the file's name of the column
  code       text not null,
  reason     text not null check (length(reason) <= 500),
  cells      jsonb not null,                         -- our field → what the file says
  primary key (tenant_id, import_id, line),
  foreign key (tenant_id, import_id) references customers.import
);
alter table customers.import_reject enable row level security;
alter table customers.import_reject force row level security;
create policy tenant on customers.import_reject
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, delete on customers.import_reject to plinth_app;

create view customers_api.customer with (security_invoker = true) as
  select tenant_id, id, version, number, name, name_key, legal_name, vat_id, email, phone, street, postal_code,
         city, region, country, currency, term_days, credit_limit_minor, archived
  from customers.customer;
grant select on customers_api.customer to plinth_app;

grant usage on schema customers to plinth_search;
grant select (tenant_id, id, number, name_key, search_key, archived) on customers.customer to plinth_search;
create policy search on customers.customer for select to plinth_search using (true);

create function customers.search_customer(pattern text, rows_max int) returns setof uuid
  language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
declare
  owner_id constant uuid := current_setting('app.tenant')::uuid;   -- never an argument
  needle   constant text := lower(pattern);
begin
  if length(needle) < 3 then        -- too short for trigrams: the beginning of the name or of the number
    return query
      select f.id from (
        (select c.id from customers.customer c
         where c.tenant_id = owner_id and c.name_key >= needle collate "C"
           and c.name_key < needle || chr(1114111) collate "C"
         limit least(rows_max, 10001))
        union
        (select c.id from customers.customer c
         where c.tenant_id = owner_id and c.number >= upper(pattern) collate "C"
           and c.number < upper(pattern) || chr(1114111) collate "C"
         limit least(rows_max, 10001))
      ) f
      limit least(rows_max, 10001);
  else
    return query
      select c.id from customers.customer c
      where c.tenant_id = owner_id
        and c.search_key like '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
      limit least(rows_max, 10001);
  end if;
end $$;

create function customers.search_customer_name(pattern text, rows_max int) returns setof uuid
  language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
declare
  owner_id constant uuid := current_setting('app.tenant')::uuid;
  needle   constant text := lower(pattern);
begin
  if length(needle) < 3 then
    return query
      select c.id from customers.customer c
      where c.tenant_id = owner_id and c.name_key >= needle collate "C"
        and c.name_key < needle || chr(1114111) collate "C"
      limit least(rows_max, 10001);
  else
    -- The trigrams of search_key hold the name; the name itself decides.
    return query
      select c.id from customers.customer c
      where c.tenant_id = owner_id
        and c.search_key like '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
        and c.name_key like '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
      limit least(rows_max, 10001);
  end if;
end $$;

grant create on schema customers to plinth_search;
alter function customers.search_customer(text, int) owner to plinth_search;
alter function customers.search_customer_name(text, int) owner to plinth_search;
revoke create on schema customers from plinth_search;
revoke execute on function customers.search_customer(text, int), customers.search_customer_name(text, int)
  from public;
grant execute on function customers.search_customer(text, int), customers.search_customer_name(text, int)
  to plinth_app;

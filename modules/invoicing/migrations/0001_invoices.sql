-- phase: expand
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gin with schema public;

create schema invoicing;
create schema invoicing_api;
grant usage on schema invoicing, invoicing_api to plinth_app;

-- Invoices, their drafts, and credit notes. Amounts of a credit note are negative.
create table invoicing.invoice (
  tenant_id        uuid        not null default current_setting('app.tenant')::uuid,
  id               uuid        not null,
  version          int         not null default 1,
  kind             text        not null check (kind in ('invoice', 'credit-note')),
  status           text        not null check (status in ('draft', 'issued', 'partly-paid', 'settled', 'voided')),
  series           text        collate "C",                 -- with the number: a draft has neither
  number           text        collate "C",
  customer_id      uuid        not null,                    -- of module customers; no foreign key crosses a module
  customer_name    text        not null,                    -- as issued; a draft's follows the customer
  currency         text        not null check (currency ~ '^[A-Z]{3}$'),
  issue_date       date        not null,                    -- of a draft: planned
  due_date         date        not null,
  net_minor        bigint      not null,
  tax_minor        bigint      not null,
  gross_minor      bigint      not null,
  paid_minor       bigint      not null default 0,
  credited_minor   bigint      not null default 0,
  open_minor       bigint      not null generated always as (gross_minor - paid_minor - credited_minor) stored,
  reference        text        not null default '',
  note             text        not null default '',
  internal_note    text        not null default '',
  credits_id       uuid,                                    -- of a credit note: the invoice it corrects
  reason           text        not null default '',         -- of a credit note
  imported         boolean     not null default false,
  payment_sequence int         not null default 0,          -- of the last change of allocations that is in paid_minor
  overdue_told     boolean     not null default false,      -- invoiceOverdue was published
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  issued_at        timestamptz,
  number_key       text        collate "C" not null generated always as (coalesce(number, '~')) stored,
  customer_key     text        collate "C" not null generated always as (lower(customer_name)) stored,
  search_key       text        collate "C" not null
                   generated always as (lower(coalesce(number, '') || ' ' || customer_name || ' ' || reference)) stored,
  primary key (tenant_id, id),
  constraint invoice_total  check (gross_minor = net_minor + tax_minor),
  constraint invoice_open   check (open_minor = gross_minor - paid_minor - credited_minor),
  constraint invoice_exact  check (abs(gross_minor) <= 9007199254740991 and abs(net_minor) <= 9007199254740991),
  constraint invoice_due    check (due_date >= issue_date),
  constraint invoice_number check (num_nulls(series, number, issued_at) = case status when 'draft' then 3 else 0 end),
  constraint invoice_sign   check (status = 'draft' or gross_minor = 0 or (gross_minor > 0) = (kind = 'invoice')),
  constraint invoice_paid   check (case kind when 'invoice' then paid_minor between 0 and greatest(gross_minor, 0)
                                                             and credited_minor between 0 and greatest(gross_minor, 0)
                                             else paid_minor = 0 and credited_minor in (0, gross_minor) end),
  constraint invoice_credit check (credits_id is null or kind = 'credit-note'),
  constraint invoice_status check (status = 'draft' or status = case
    when kind = 'credit-note' then case when open_minor >= 0 then 'settled' else 'issued' end
    when gross_minor > 0 and credited_minor >= gross_minor then 'voided'
    when open_minor <= 0 then 'settled'
    when paid_minor > 0 then 'partly-paid'
    else 'issued' end)
) with (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.02);

create unique index invoice_series_number on invoicing.invoice (tenant_id, series, number) where number is not null;
create index invoice_issue_date    on invoicing.invoice (tenant_id, issue_date, id);
create index invoice_due_date      on invoicing.invoice (tenant_id, due_date, id);
create index invoice_number_key    on invoicing.invoice (tenant_id, number_key, id);
create index invoice_customer_key  on invoicing.invoice (tenant_id, customer_key, id);
create index invoice_gross         on invoicing.invoice (tenant_id, gross_minor, id);
create index invoice_open_amount   on invoicing.invoice (tenant_id, open_minor, id);
create index invoice_status_date   on invoicing.invoice (tenant_id, status, issue_date, id);
create index invoice_customer_date on invoicing.invoice (tenant_id, customer_id, issue_date, id);
-- Few of many: what is owed. It covers what reports read of it.
create index invoice_owed          on invoicing.invoice (tenant_id, due_date, id)
  include (currency, open_minor, issue_date, customer_id, customer_name)
  where open_minor > 0 and status in ('issued', 'partly-paid');
create index invoice_owed_customer on invoicing.invoice (tenant_id, customer_id, due_date, id)
  where open_minor > 0 and status in ('issued', 'partly-paid');
-- Those that became overdue and were not told yet.
create index invoice_late          on invoicing.invoice (tenant_id, due_date, id)
  where open_minor > 0 and not overdue_told and status in ('issued', 'partly-paid');
create index invoice_credits       on invoicing.invoice (tenant_id, credits_id) where credits_id is not null;
create index invoice_search        on invoicing.invoice using gin (tenant_id, search_key public.gin_trgm_ops);

alter table invoicing.invoice enable row level security;
alter table invoicing.invoice force row level security;
create policy tenant on invoicing.invoice
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on invoicing.invoice to plinth_app;
grant insert on invoicing.invoice to plinth_loader;

-- Written with their document and never apart from it, hence without a foreign key, which would cost each of
-- ten million rows a look-up.
create table invoicing.line (
  tenant_id        uuid   not null default current_setting('app.tenant')::uuid,
  invoice_id       uuid   not null,
  position         int    not null check (position between 1 and 2000),
  description      text   not null,
  quantity_micro   bigint not null,                         -- millionths
  unit             text   not null default '',
  unit_price_minor bigint not null,
  tax_ppm          int    not null check (tax_ppm between 0 and 1000000),   -- 19 % is 190000
  net_minor        bigint not null,
  credits_position int,                                     -- of a credit note: the line it corrects
  primary key (tenant_id, invoice_id, position)
) with (autovacuum_vacuum_insert_scale_factor = 0.02);

alter table invoicing.line enable row level security;
alter table invoicing.line force row level security;
create policy tenant on invoicing.line
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, delete on invoicing.line to plinth_app;
grant insert on invoicing.line to plinth_loader;

-- How many numbers of a series and year are given. A lock on the row makes them gapless: a rollback gives one back.
create table invoicing.series_year (
  tenant_id uuid not null default current_setting('app.tenant')::uuid,
  series    text not null collate "C",                      -- INV, CN; imported: counted, never continued
  year      int  not null,
  last      int  not null check (last > 0),
  primary key (tenant_id, series, year)
) with (fillfactor = 50);

alter table invoicing.series_year enable row level security;
alter table invoicing.series_year force row level security;
create policy tenant on invoicing.series_year
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on invoicing.series_year to plinth_app;
grant insert on invoicing.series_year to plinth_loader;

create view invoicing_api.invoice with (security_invoker = true) as
  select tenant_id, id, version, kind, number, status, customer_id, customer_name, issue_date, due_date, currency,
         net_minor, tax_minor, gross_minor, paid_minor, credited_minor, open_minor, payment_sequence, updated_at, imported
  from invoicing.invoice;
grant select on invoicing_api.invoice to plinth_app;

-- Search for lists and the palette: reads the tenant from the setting, never from an argument.
grant usage on schema invoicing to plinth_search;
grant select (tenant_id, id, search_key, customer_key, number_key) on invoicing.invoice to plinth_search;
create policy search on invoicing.invoice for select to plinth_search using (true);

create function invoicing.search_invoice(pattern text, rows_max int) returns setof uuid
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  owner_id constant uuid := current_setting('app.tenant')::uuid;
  needle   constant text := lower(pattern);
begin
  if length(needle) < 3 then
    -- Too short for trigrams: the beginning of the number or of the name.
    return query
      select i.id from invoicing.invoice i
        where i.tenant_id = owner_id and i.number_key >= upper(pattern) collate "C" and i.number_key < upper(pattern) || chr(1114111) collate "C"
      union
      select i.id from invoicing.invoice i
        where i.tenant_id = owner_id and i.customer_key >= needle collate "C" and i.customer_key < needle || chr(1114111) collate "C"
      limit least(rows_max, 10001);
  else
    return query select i.id from invoicing.invoice i
      where i.tenant_id = owner_id
        and i.search_key like '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
      limit least(rows_max, 10001);
  end if;
end $$;

create function invoicing.search_invoice_customer(pattern text, rows_max int) returns setof uuid
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  owner_id constant uuid := current_setting('app.tenant')::uuid;
  needle   constant text := lower(pattern);
  part     constant text := '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%';
begin
  if length(needle) < 3 then
    return query select i.id from invoicing.invoice i
      where i.tenant_id = owner_id and i.customer_key >= needle collate "C" and i.customer_key < needle || chr(1114111) collate "C"
      limit least(rows_max, 10001);
  else
    return query select i.id from invoicing.invoice i
      where i.tenant_id = owner_id and i.search_key like part and i.customer_key like part
      limit least(rows_max, 10001);
  end if;
end $$;

grant create on schema invoicing to plinth_search;
alter function invoicing.search_invoice(text, int) owner to plinth_search;
alter function invoicing.search_invoice_customer(text, int) owner to plinth_search;
revoke create on schema invoicing from plinth_search;
revoke execute on function invoicing.search_invoice(text, int) from public;
revoke execute on function invoicing.search_invoice_customer(text, int) from public;
grant execute on function invoicing.search_invoice(text, int) to plinth_app;
grant execute on function invoicing.search_invoice_customer(text, int) to plinth_app;

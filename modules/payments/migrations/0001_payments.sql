-- phase: expand
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gin with schema public;

create schema payments;
create schema payments_api;
grant usage on schema payments, payments_api to plinth_app;

-- Money received from a customer. What no invoice took and what did not go back is the customer's credit.
create table payments.payment (
  tenant_id         uuid        not null default current_setting('app.tenant')::uuid,
  id                uuid        not null,
  version           int         not null default 1,
  number            text        not null collate "C",
  customer_id       uuid        not null,                -- of module customers; no foreign key crosses a module
  customer_name     text        not null,                -- as it was when the payment was booked
  received_on       date        not null,
  method            text        not null check (method in ('transfer', 'card', 'direct-debit', 'cash', 'cheque', 'opening', 'other')),
  status            text        not null,
  currency          text        not null check (currency ~ '^[A-Z]{3}$'),
  amount_minor      bigint      not null check (amount_minor between 1 and 9007199254740991),
  allocated_minor   bigint      not null default 0 check (allocated_minor >= 0),
  refunded_minor    bigint      not null default 0 check (refunded_minor >= 0),
  unallocated_minor bigint      not null generated always as (amount_minor - allocated_minor - refunded_minor) stored,
  reference         text        not null default '',
  note              text        not null default '',
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  customer_key      text        collate "C" not null generated always as (lower(customer_name)) stored,
  search_key        text        collate "C" not null
                    generated always as (lower(number || ' ' || customer_name || ' ' || reference)) stored,
  primary key (tenant_id, id),
  constraint payment_spent  check (allocated_minor + refunded_minor <= amount_minor),
  constraint payment_status check (status = case
    when amount_minor - allocated_minor - refunded_minor > 0 then 'open'
    when allocated_minor > 0 then 'allocated'
    else 'refunded' end)
) with (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.02);

create unique index payment_number on payments.payment (tenant_id, number);
create index payment_number_order  on payments.payment (tenant_id, number, id);
create index payment_received      on payments.payment (tenant_id, received_on, id);
create index payment_customer_key  on payments.payment (tenant_id, customer_key, id);
create index payment_amount        on payments.payment (tenant_id, amount_minor, id);
create index payment_unallocated   on payments.payment (tenant_id, unallocated_minor, id);
create index payment_customer_date on payments.payment (tenant_id, customer_id, received_on, id);
create index payment_credit        on payments.payment (tenant_id, customer_id, id) where unallocated_minor > 0;
create index payment_search        on payments.payment using gin (tenant_id, search_key public.gin_trgm_ops);

alter table payments.payment enable row level security;
alter table payments.payment force row level security;
create policy tenant on payments.payment
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on payments.payment to plinth_app;
grant insert on payments.payment to plinth_loader;

-- Which part of a payment an invoice took.
create table payments.allocation (
  tenant_id    uuid        not null default current_setting('app.tenant')::uuid,
  payment_id   uuid        not null,
  invoice_id   uuid        not null,
  amount_minor bigint      not null check (amount_minor > 0),
  allocated_at timestamptz not null,
  primary key (tenant_id, payment_id, invoice_id)
) with (autovacuum_vacuum_insert_scale_factor = 0.02);
create index allocation_invoice on payments.allocation (tenant_id, invoice_id);

alter table payments.allocation enable row level security;
alter table payments.allocation force row level security;
create policy tenant on payments.allocation
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on payments.allocation to plinth_app;
grant insert on payments.allocation to plinth_loader;

create table payments.refund (
  tenant_id    uuid        not null default current_setting('app.tenant')::uuid,
  id           uuid        not null,
  payment_id   uuid        not null,
  amount_minor bigint      not null check (amount_minor > 0),
  refunded_on  date        not null,
  reason       text        not null,
  created_at   timestamptz not null,
  primary key (tenant_id, payment_id, id)
);

alter table payments.refund enable row level security;
alter table payments.refund force row level security;
create policy tenant on payments.refund
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert on payments.refund to plinth_app;
grant insert on payments.refund to plinth_loader;

-- What module invoicing said of an invoice, and what is allocated to it. Whoever allocates holds its row, so that
-- concurrent allocations cannot take more than is open. A row that is missing is made of invoicing's read view.
create table payments.open_item (
  tenant_id       uuid   not null default current_setting('app.tenant')::uuid,
  invoice_id      uuid   not null,
  number          text   not null,
  customer_id     uuid   not null,
  customer_name   text   not null,
  currency        text   not null,
  issue_date      date   not null,
  due_date        date   not null,
  gross_minor     bigint not null,
  credited_minor  bigint not null,
  allocated_minor bigint not null default 0,
  open_minor      bigint not null generated always as (gross_minor - credited_minor - allocated_minor) stored,
  version         int    not null,               -- of the invoice's row, when it said so
  sequence        int    not null default 0,     -- counts the changes of allocated_minor
  primary key (tenant_id, invoice_id),
  constraint open_item_open check (allocated_minor >= 0 and credited_minor >= 0 and open_minor >= 0)
) with (fillfactor = 90);

alter table payments.open_item enable row level security;
alter table payments.open_item force row level security;
create policy tenant on payments.open_item
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on payments.open_item to plinth_app;
grant insert on payments.open_item to plinth_loader;

-- The last number given: gaps are allowed.
create table payments.counter (
  tenant_id uuid not null default current_setting('app.tenant')::uuid,
  last      int  not null,
  primary key (tenant_id)
) with (fillfactor = 50);

alter table payments.counter enable row level security;
alter table payments.counter force row level security;
create policy tenant on payments.counter
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on payments.counter to plinth_app;
grant insert on payments.counter to plinth_loader;

create view payments_api.payment with (security_invoker = true) as
  select tenant_id, id, version, number, customer_id, customer_name, received_on, method, currency, amount_minor,
         allocated_minor, refunded_minor, unallocated_minor
  from payments.payment;
create view payments_api.allocation with (security_invoker = true) as
  select a.tenant_id, a.payment_id, a.invoice_id, a.amount_minor, p.received_on, p.method,
         nullif(p.reference, '') as reference, a.allocated_at
  from payments.allocation a join payments.payment p on p.tenant_id = a.tenant_id and p.id = a.payment_id;
create view payments_api.refund with (security_invoker = true) as
  select r.tenant_id, r.id, r.payment_id, p.number, p.customer_id, p.currency, r.amount_minor, r.refunded_on, r.reason
  from payments.refund r join payments.payment p on p.tenant_id = r.tenant_id and p.id = r.payment_id;
grant select on payments_api.payment, payments_api.allocation, payments_api.refund to plinth_app;

grant usage on schema payments to plinth_search;
grant select (tenant_id, id, number, search_key, customer_key) on payments.payment to plinth_search;
create policy search on payments.payment for select to plinth_search using (true);

create function payments.search_payment(pattern text, rows_max int) returns setof uuid
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
      select p.id from payments.payment p
        where p.tenant_id = owner_id and p.number >= upper(pattern) collate "C" and p.number < upper(pattern) || chr(1114111) collate "C"
      union
      select p.id from payments.payment p
        where p.tenant_id = owner_id and p.customer_key >= needle collate "C" and p.customer_key < needle || chr(1114111) collate "C"
      limit least(rows_max, 10001);
  else
    return query select p.id from payments.payment p
      where p.tenant_id = owner_id
        and p.search_key like '%' || replace(replace(replace(needle, '\', '\\'), '%', '\%'), '_', '\_') || '%'
      limit least(rows_max, 10001);
  end if;
end $$;

grant create on schema payments to plinth_search;
alter function payments.search_payment(text, int) owner to plinth_search;
revoke create on schema payments from plinth_search;
revoke execute on function payments.search_payment(text, int) from public;
grant execute on function payments.search_payment(text, int) to plinth_app;

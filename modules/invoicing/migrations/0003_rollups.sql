-- phase: expand
-- allow: n-beside the triggers add rows to tables that are new; what the release before writes is counted as well
-- Sums of documents for reports, made by rollupSql of src/document-rollup.ts. A test compares the two.
create table invoicing.document_delta (
  tenant_id uuid not null,
  currency text,
  customer_id uuid,
  issue_date date,
  due_date date,
  net_minor bigint not null,
  tax_minor bigint not null,
  gross_minor bigint not null,
  owed_minor bigint not null,
  credit_minor bigint not null,
  invoices bigint not null,
  credit_notes bigint not null,
  owed_invoices bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1);
create index document_delta_tenant on invoicing.document_delta (tenant_id);
alter table invoicing.document_delta enable row level security;
alter table invoicing.document_delta force row level security;
create policy tenant on invoicing.document_delta
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.document_delta to plinth_worker, plinth_owner using (true) with check (true);

create table invoicing.turnover_by_day_rollup (
  tenant_id uuid not null,
  issue_date date,
  currency text,
  net_minor bigint not null,
  tax_minor bigint not null,
  gross_minor bigint not null,
  invoices bigint not null,
  credit_notes bigint not null,
  constraint turnover_by_day_key unique nulls not distinct (tenant_id, issue_date, currency)
) with (fillfactor = 80);
alter table invoicing.turnover_by_day_rollup enable row level security;
alter table invoicing.turnover_by_day_rollup force row level security;
create policy tenant on invoicing.turnover_by_day_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.turnover_by_day_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view invoicing_api.turnover_by_day with (security_invoker = true) as
  select tenant_id, issue_date, currency,
    sum(net_minor)::bigint as net_minor, sum(tax_minor)::bigint as tax_minor, sum(gross_minor)::bigint as gross_minor, sum(invoices)::bigint as invoices, sum(credit_notes)::bigint as credit_notes
  from (
    select tenant_id, issue_date, currency, net_minor, tax_minor, gross_minor, invoices, credit_notes from invoicing.turnover_by_day_rollup
    union all
    select tenant_id, issue_date, currency, net_minor, tax_minor, gross_minor, invoices, credit_notes from invoicing.document_delta) s
  group by tenant_id, issue_date, currency
  having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(gross_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0;

create table invoicing.turnover_by_customer_rollup (
  tenant_id uuid not null,
  currency text,
  month date,
  customer_id uuid,
  net_minor bigint not null,
  invoices bigint not null,
  credit_notes bigint not null,
  constraint turnover_by_customer_key unique nulls not distinct (tenant_id, currency, month, customer_id)
) with (fillfactor = 80);
alter table invoicing.turnover_by_customer_rollup enable row level security;
alter table invoicing.turnover_by_customer_rollup force row level security;
create policy tenant on invoicing.turnover_by_customer_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.turnover_by_customer_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view invoicing_api.turnover_by_customer with (security_invoker = true) as
  select tenant_id, currency, month, customer_id,
    sum(net_minor)::bigint as net_minor, sum(invoices)::bigint as invoices, sum(credit_notes)::bigint as credit_notes
  from (
    select tenant_id, currency, month, customer_id, net_minor, invoices, credit_notes from invoicing.turnover_by_customer_rollup
    union all
    select tenant_id, currency, date_trunc('month', issue_date::timestamp)::date as month, customer_id, net_minor, invoices, credit_notes from invoicing.document_delta) s
  group by tenant_id, currency, month, customer_id
  having sum(net_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0;

create table invoicing.owed_by_due_date_rollup (
  tenant_id uuid not null,
  due_date date,
  currency text,
  owed_minor bigint not null,
  owed_invoices bigint not null,
  credit_minor bigint not null,
  constraint owed_by_due_date_key unique nulls not distinct (tenant_id, due_date, currency)
) with (fillfactor = 80);
alter table invoicing.owed_by_due_date_rollup enable row level security;
alter table invoicing.owed_by_due_date_rollup force row level security;
create policy tenant on invoicing.owed_by_due_date_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.owed_by_due_date_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view invoicing_api.owed_by_due_date with (security_invoker = true) as
  select tenant_id, due_date, currency,
    sum(owed_minor)::bigint as owed_minor, sum(owed_invoices)::bigint as owed_invoices, sum(credit_minor)::bigint as credit_minor
  from (
    select tenant_id, due_date, currency, owed_minor, owed_invoices, credit_minor from invoicing.owed_by_due_date_rollup
    union all
    select tenant_id, due_date, currency, owed_minor, owed_invoices, credit_minor from invoicing.document_delta) s
  group by tenant_id, due_date, currency
  having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0 or sum(credit_minor) <> 0;

create table invoicing.owed_by_issue_date_rollup (
  tenant_id uuid not null,
  issue_date date,
  currency text,
  owed_minor bigint not null,
  owed_invoices bigint not null,
  constraint owed_by_issue_date_key unique nulls not distinct (tenant_id, issue_date, currency)
) with (fillfactor = 80);
alter table invoicing.owed_by_issue_date_rollup enable row level security;
alter table invoicing.owed_by_issue_date_rollup force row level security;
create policy tenant on invoicing.owed_by_issue_date_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.owed_by_issue_date_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view invoicing_api.owed_by_issue_date with (security_invoker = true) as
  select tenant_id, issue_date, currency,
    sum(owed_minor)::bigint as owed_minor, sum(owed_invoices)::bigint as owed_invoices
  from (
    select tenant_id, issue_date, currency, owed_minor, owed_invoices from invoicing.owed_by_issue_date_rollup
    union all
    select tenant_id, issue_date, currency, owed_minor, owed_invoices from invoicing.document_delta) s
  group by tenant_id, issue_date, currency
  having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0;

create table invoicing.owed_by_customer_rollup (
  tenant_id uuid not null,
  currency text,
  customer_id uuid,
  owed_minor bigint not null,
  owed_invoices bigint not null,
  constraint owed_by_customer_key unique nulls not distinct (tenant_id, currency, customer_id)
) with (fillfactor = 80);
alter table invoicing.owed_by_customer_rollup enable row level security;
alter table invoicing.owed_by_customer_rollup force row level security;
create policy tenant on invoicing.owed_by_customer_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.owed_by_customer_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view invoicing_api.owed_by_customer with (security_invoker = true) as
  select tenant_id, currency, customer_id,
    sum(owed_minor)::bigint as owed_minor, sum(owed_invoices)::bigint as owed_invoices
  from (
    select tenant_id, currency, customer_id, owed_minor, owed_invoices from invoicing.owed_by_customer_rollup
    union all
    select tenant_id, currency, customer_id, owed_minor, owed_invoices from invoicing.document_delta) s
  group by tenant_id, currency, customer_id
  having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0;

create function invoicing.document_inserted() returns trigger language plpgsql as $$
begin
    insert into invoicing.document_delta
      (tenant_id, currency, customer_id, issue_date, due_date, net_minor, tax_minor, gross_minor, owed_minor, credit_minor, invoices, credit_notes, owed_invoices)
    select r.tenant_id, r.currency, r.customer_id, r.issue_date, r.due_date,
      (r.net_minor) as net_minor,
      (r.tax_minor) as tax_minor,
      (r.gross_minor) as gross_minor,
      (case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then r.open_minor else 0 end) as owed_minor,
      (case when r.open_minor < 0 then -r.open_minor else 0 end) as credit_minor,
      (case when r.kind = 'invoice' then 1 else 0 end) as invoices,
      (case when r.kind = 'credit-note' then 1 else 0 end) as credit_notes,
      (case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then 1 else 0 end) as owed_invoices
    from inserted r where r.status <> 'draft';
  return null;
end $$;

create function invoicing.document_deleted() returns trigger language plpgsql as $$
begin
    insert into invoicing.document_delta
      (tenant_id, currency, customer_id, issue_date, due_date, net_minor, tax_minor, gross_minor, owed_minor, credit_minor, invoices, credit_notes, owed_invoices)
    select r.tenant_id, r.currency, r.customer_id, r.issue_date, r.due_date,
      -(r.net_minor) as net_minor,
      -(r.tax_minor) as tax_minor,
      -(r.gross_minor) as gross_minor,
      -(case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then r.open_minor else 0 end) as owed_minor,
      -(case when r.open_minor < 0 then -r.open_minor else 0 end) as credit_minor,
      -(case when r.kind = 'invoice' then 1 else 0 end) as invoices,
      -(case when r.kind = 'credit-note' then 1 else 0 end) as credit_notes,
      -(case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then 1 else 0 end) as owed_invoices
    from deleted r where r.status <> 'draft';
  return null;
end $$;

create function invoicing.document_updated() returns trigger language plpgsql as $$
begin
  if (old.status <> 'draft') and (new.status <> 'draft')
    and (old.tenant_id, old.currency, old.customer_id, old.issue_date, old.due_date) is not distinct from (new.tenant_id, new.currency, new.customer_id, new.issue_date, new.due_date)
  then
    insert into invoicing.document_delta
      (tenant_id, currency, customer_id, issue_date, due_date, net_minor, tax_minor, gross_minor, owed_minor, credit_minor, invoices, credit_notes, owed_invoices)
    values (new.tenant_id, new.currency, new.customer_id, new.issue_date, new.due_date,
      (new.net_minor) - (old.net_minor),
      (new.tax_minor) - (old.tax_minor),
      (new.gross_minor) - (old.gross_minor),
      (case when new.status in ('issued', 'partly-paid') and new.open_minor > 0 then new.open_minor else 0 end) - (case when old.status in ('issued', 'partly-paid') and old.open_minor > 0 then old.open_minor else 0 end),
      (case when new.open_minor < 0 then -new.open_minor else 0 end) - (case when old.open_minor < 0 then -old.open_minor else 0 end),
      (case when new.kind = 'invoice' then 1 else 0 end) - (case when old.kind = 'invoice' then 1 else 0 end),
      (case when new.kind = 'credit-note' then 1 else 0 end) - (case when old.kind = 'credit-note' then 1 else 0 end),
      (case when new.status in ('issued', 'partly-paid') and new.open_minor > 0 then 1 else 0 end) - (case when old.status in ('issued', 'partly-paid') and old.open_minor > 0 then 1 else 0 end));
    return null;
  end if;
  if old.status <> 'draft' then
    insert into invoicing.document_delta
      (tenant_id, currency, customer_id, issue_date, due_date, net_minor, tax_minor, gross_minor, owed_minor, credit_minor, invoices, credit_notes, owed_invoices)
    values (old.tenant_id, old.currency, old.customer_id, old.issue_date, old.due_date,
      -(old.net_minor),
      -(old.tax_minor),
      -(old.gross_minor),
      -(case when old.status in ('issued', 'partly-paid') and old.open_minor > 0 then old.open_minor else 0 end),
      -(case when old.open_minor < 0 then -old.open_minor else 0 end),
      -(case when old.kind = 'invoice' then 1 else 0 end),
      -(case when old.kind = 'credit-note' then 1 else 0 end),
      -(case when old.status in ('issued', 'partly-paid') and old.open_minor > 0 then 1 else 0 end));
  end if;
  if new.status <> 'draft' then
    insert into invoicing.document_delta
      (tenant_id, currency, customer_id, issue_date, due_date, net_minor, tax_minor, gross_minor, owed_minor, credit_minor, invoices, credit_notes, owed_invoices)
    values (new.tenant_id, new.currency, new.customer_id, new.issue_date, new.due_date,
      (new.net_minor),
      (new.tax_minor),
      (new.gross_minor),
      (case when new.status in ('issued', 'partly-paid') and new.open_minor > 0 then new.open_minor else 0 end),
      (case when new.open_minor < 0 then -new.open_minor else 0 end),
      (case when new.kind = 'invoice' then 1 else 0 end),
      (case when new.kind = 'credit-note' then 1 else 0 end),
      (case when new.status in ('issued', 'partly-paid') and new.open_minor > 0 then 1 else 0 end));
  end if;
  return null;
end $$;

-- A truncate fires no trigger a row: what it took would stay in the sums for ever.
create function invoicing.document_truncated() returns trigger language plpgsql as $$
begin
  if current_setting('plinth.truncate_rollups', true) = 'on' then return null; end if;
  raise exception 'invoicing.invoice is rolled up: delete its rows instead' using errcode = '55000';
end $$;

create function invoicing.fold_document(rows_max int) returns int language plpgsql as $$
declare
  moved int;
  none_turnover_by_day tid[];
  none_turnover_by_customer tid[];
  none_owed_by_due_date tid[];
  none_owed_by_issue_date tid[];
  none_owed_by_customer tid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('plinth.rollup invoicing.document', 0)) then return -1; end if;
  with d as (
      delete from invoicing.document_delta
      where ctid = any (array(select ctid from invoicing.document_delta limit rows_max))
      returning *),
  turnover_by_day as (
      insert into invoicing.turnover_by_day_rollup as x (tenant_id, issue_date, currency, net_minor, tax_minor, gross_minor, invoices, credit_notes)
      select tenant_id, issue_date, currency, sum(net_minor), sum(tax_minor), sum(gross_minor), sum(invoices), sum(credit_notes)
      from d group by 1, 2, 3 having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(gross_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0
      on conflict (tenant_id, issue_date, currency) do update set net_minor = x.net_minor + excluded.net_minor, tax_minor = x.tax_minor + excluded.tax_minor, gross_minor = x.gross_minor + excluded.gross_minor, invoices = x.invoices + excluded.invoices, credit_notes = x.credit_notes + excluded.credit_notes
      returning x.ctid as place, x.net_minor = 0 and x.tax_minor = 0 and x.gross_minor = 0 and x.invoices = 0 and x.credit_notes = 0 as is_none),
  turnover_by_customer as (
      insert into invoicing.turnover_by_customer_rollup as x (tenant_id, currency, month, customer_id, net_minor, invoices, credit_notes)
      select tenant_id, currency, date_trunc('month', issue_date::timestamp)::date, customer_id, sum(net_minor), sum(invoices), sum(credit_notes)
      from d group by 1, 2, 3, 4 having sum(net_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0
      on conflict (tenant_id, currency, month, customer_id) do update set net_minor = x.net_minor + excluded.net_minor, invoices = x.invoices + excluded.invoices, credit_notes = x.credit_notes + excluded.credit_notes
      returning x.ctid as place, x.net_minor = 0 and x.invoices = 0 and x.credit_notes = 0 as is_none),
  owed_by_due_date as (
      insert into invoicing.owed_by_due_date_rollup as x (tenant_id, due_date, currency, owed_minor, owed_invoices, credit_minor)
      select tenant_id, due_date, currency, sum(owed_minor), sum(owed_invoices), sum(credit_minor)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0 or sum(credit_minor) <> 0
      on conflict (tenant_id, due_date, currency) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices, credit_minor = x.credit_minor + excluded.credit_minor
      returning x.ctid as place, x.owed_minor = 0 and x.owed_invoices = 0 and x.credit_minor = 0 as is_none),
  owed_by_issue_date as (
      insert into invoicing.owed_by_issue_date_rollup as x (tenant_id, issue_date, currency, owed_minor, owed_invoices)
      select tenant_id, issue_date, currency, sum(owed_minor), sum(owed_invoices)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0
      on conflict (tenant_id, issue_date, currency) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices
      returning x.ctid as place, x.owed_minor = 0 and x.owed_invoices = 0 as is_none),
  owed_by_customer as (
      insert into invoicing.owed_by_customer_rollup as x (tenant_id, currency, customer_id, owed_minor, owed_invoices)
      select tenant_id, currency, customer_id, sum(owed_minor), sum(owed_invoices)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0
      on conflict (tenant_id, currency, customer_id) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices
      returning x.ctid as place, x.owed_minor = 0 and x.owed_invoices = 0 as is_none)
  select (select count(*) from d),
    (select array_agg(place) from turnover_by_day where is_none),
    (select array_agg(place) from turnover_by_customer where is_none),
    (select array_agg(place) from owed_by_due_date where is_none),
    (select array_agg(place) from owed_by_issue_date where is_none),
    (select array_agg(place) from owed_by_customer where is_none)
  into moved, none_turnover_by_day, none_turnover_by_customer, none_owed_by_due_date, none_owed_by_issue_date, none_owed_by_customer;
  if none_turnover_by_day is not null then
    delete from invoicing.turnover_by_day_rollup where ctid = any (none_turnover_by_day);
  end if;
  if none_turnover_by_customer is not null then
    delete from invoicing.turnover_by_customer_rollup where ctid = any (none_turnover_by_customer);
  end if;
  if none_owed_by_due_date is not null then
    delete from invoicing.owed_by_due_date_rollup where ctid = any (none_owed_by_due_date);
  end if;
  if none_owed_by_issue_date is not null then
    delete from invoicing.owed_by_issue_date_rollup where ctid = any (none_owed_by_issue_date);
  end if;
  if none_owed_by_customer is not null then
    delete from invoicing.owed_by_customer_rollup where ctid = any (none_owed_by_customer);
  end if;
  return moved;
end $$;

create function invoicing.rebuild_document() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('plinth.rollup invoicing.document', 0));
  delete from invoicing.turnover_by_day_rollup;
  delete from invoicing.turnover_by_customer_rollup;
  delete from invoicing.owed_by_due_date_rollup;
  delete from invoicing.owed_by_issue_date_rollup;
  delete from invoicing.owed_by_customer_rollup;
  with gone as (delete from invoicing.document_delta),
  d as (select r.tenant_id, r.currency, r.customer_id, r.issue_date, r.due_date,
      (r.net_minor) as net_minor,
      (r.tax_minor) as tax_minor,
      (r.gross_minor) as gross_minor,
      (case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then r.open_minor else 0 end) as owed_minor,
      (case when r.open_minor < 0 then -r.open_minor else 0 end) as credit_minor,
      (case when r.kind = 'invoice' then 1 else 0 end) as invoices,
      (case when r.kind = 'credit-note' then 1 else 0 end) as credit_notes,
      (case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then 1 else 0 end) as owed_invoices
    from invoicing.invoice r where r.status <> 'draft'),
  turnover_by_day as (
      insert into invoicing.turnover_by_day_rollup as x (tenant_id, issue_date, currency, net_minor, tax_minor, gross_minor, invoices, credit_notes)
      select tenant_id, issue_date, currency, sum(net_minor), sum(tax_minor), sum(gross_minor), sum(invoices), sum(credit_notes)
      from d group by 1, 2, 3 having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(gross_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0
      on conflict (tenant_id, issue_date, currency) do update set net_minor = x.net_minor + excluded.net_minor, tax_minor = x.tax_minor + excluded.tax_minor, gross_minor = x.gross_minor + excluded.gross_minor, invoices = x.invoices + excluded.invoices, credit_notes = x.credit_notes + excluded.credit_notes),
  turnover_by_customer as (
      insert into invoicing.turnover_by_customer_rollup as x (tenant_id, currency, month, customer_id, net_minor, invoices, credit_notes)
      select tenant_id, currency, date_trunc('month', issue_date::timestamp)::date, customer_id, sum(net_minor), sum(invoices), sum(credit_notes)
      from d group by 1, 2, 3, 4 having sum(net_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0
      on conflict (tenant_id, currency, month, customer_id) do update set net_minor = x.net_minor + excluded.net_minor, invoices = x.invoices + excluded.invoices, credit_notes = x.credit_notes + excluded.credit_notes),
  owed_by_due_date as (
      insert into invoicing.owed_by_due_date_rollup as x (tenant_id, due_date, currency, owed_minor, owed_invoices, credit_minor)
      select tenant_id, due_date, currency, sum(owed_minor), sum(owed_invoices), sum(credit_minor)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0 or sum(credit_minor) <> 0
      on conflict (tenant_id, due_date, currency) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices, credit_minor = x.credit_minor + excluded.credit_minor),
  owed_by_issue_date as (
      insert into invoicing.owed_by_issue_date_rollup as x (tenant_id, issue_date, currency, owed_minor, owed_invoices)
      select tenant_id, issue_date, currency, sum(owed_minor), sum(owed_invoices)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0
      on conflict (tenant_id, issue_date, currency) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices)
  insert into invoicing.owed_by_customer_rollup as x (tenant_id, currency, customer_id, owed_minor, owed_invoices)
      select tenant_id, currency, customer_id, sum(owed_minor), sum(owed_invoices)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0
      on conflict (tenant_id, currency, customer_id) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices;
end $$;

grant usage on schema invoicing to plinth_worker;
grant select, insert on invoicing.document_delta to plinth_app;
grant select on invoicing.turnover_by_day_rollup, invoicing.turnover_by_customer_rollup, invoicing.owed_by_due_date_rollup, invoicing.owed_by_issue_date_rollup, invoicing.owed_by_customer_rollup to plinth_app;
grant select on invoicing_api.turnover_by_day, invoicing_api.turnover_by_customer, invoicing_api.owed_by_due_date, invoicing_api.owed_by_issue_date, invoicing_api.owed_by_customer to plinth_app;
grant select, delete on invoicing.document_delta to plinth_worker;
grant select, insert, update, delete on invoicing.turnover_by_day_rollup, invoicing.turnover_by_customer_rollup, invoicing.owed_by_due_date_rollup, invoicing.owed_by_issue_date_rollup, invoicing.owed_by_customer_rollup to plinth_worker;
revoke execute on function invoicing.fold_document(int), invoicing.rebuild_document() from public;
grant execute on function invoicing.fold_document(int) to plinth_worker;
create policy rebuild on invoicing.invoice for select to plinth_owner using (true);

create trigger document_inserted after insert on invoicing.invoice
  referencing new table as inserted for each statement execute function invoicing.document_inserted();
create trigger document_deleted after delete on invoicing.invoice
  referencing old table as deleted for each statement execute function invoicing.document_deleted();
create trigger document_updated after update on invoicing.invoice for each row
  when (((old.status <> 'draft') or (new.status <> 'draft'))
    and (old.tenant_id is distinct from new.tenant_id
      or old.currency is distinct from new.currency
      or old.customer_id is distinct from new.customer_id
      or old.issue_date is distinct from new.issue_date
      or old.due_date is distinct from new.due_date
      or old.status is distinct from new.status
      or old.net_minor is distinct from new.net_minor
      or old.tax_minor is distinct from new.tax_minor
      or old.gross_minor is distinct from new.gross_minor
      or old.open_minor is distinct from new.open_minor
      or old.kind is distinct from new.kind))
  execute function invoicing.document_updated();
create trigger document_truncated before truncate on invoicing.invoice
  for each statement execute function invoicing.document_truncated();

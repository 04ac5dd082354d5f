-- phase: expand
-- allow: n-beside the triggers add rows to tables that are new; what the release before writes is counted as well
-- Sums of documents by tax rate for reports, made by rollupSql of src/tax-rollup.ts. A test compares the two.
create table invoicing.tax_delta (
  tenant_id uuid not null,
  currency text,
  issue_date date,
  tax_ppm int,
  net_minor bigint not null,
  tax_minor bigint not null,
  documents bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1);
create index tax_delta_tenant on invoicing.tax_delta (tenant_id);
alter table invoicing.tax_delta enable row level security;
alter table invoicing.tax_delta force row level security;
create policy tenant on invoicing.tax_delta
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.tax_delta to plinth_worker, plinth_owner using (true) with check (true);

create table invoicing.turnover_by_tax_rate_rollup (
  tenant_id uuid not null,
  issue_date date,
  currency text,
  tax_ppm int,
  net_minor bigint not null,
  tax_minor bigint not null,
  documents bigint not null,
  constraint turnover_by_tax_rate_key unique nulls not distinct (tenant_id, issue_date, currency, tax_ppm)
) with (fillfactor = 80);
alter table invoicing.turnover_by_tax_rate_rollup enable row level security;
alter table invoicing.turnover_by_tax_rate_rollup force row level security;
create policy tenant on invoicing.turnover_by_tax_rate_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on invoicing.turnover_by_tax_rate_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view invoicing_api.turnover_by_tax_rate with (security_invoker = true) as
  select tenant_id, issue_date, currency, tax_ppm,
    sum(net_minor)::bigint as net_minor, sum(tax_minor)::bigint as tax_minor, sum(documents)::bigint as documents
  from (
    select tenant_id, issue_date, currency, tax_ppm, net_minor, tax_minor, documents from invoicing.turnover_by_tax_rate_rollup
    union all
    select tenant_id, issue_date, currency, tax_ppm, net_minor, tax_minor, documents from invoicing.tax_delta) s
  group by tenant_id, issue_date, currency, tax_ppm
  having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(documents) <> 0;

create function invoicing.tax_came() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
  insert into invoicing.tax_delta
      (tenant_id, currency, issue_date, tax_ppm, net_minor, tax_minor, documents)
    select new.tenant_id, new.currency, new.issue_date, p.tax_ppm,
      (p.net_minor),
      (round(p.net_minor * p.tax_ppm * 0.000001)::bigint),
      (case when true then 1 else 0 end)
    from (select x.tenant_id, x.invoice_id, x.tax_ppm, sum(x.net_minor)::bigint as net_minor
      from invoicing.line x group by x.tenant_id, x.invoice_id, x.tax_ppm) p where p.tenant_id = new.tenant_id and p.invoice_id = new.id;
  return null;
end $$;

create function invoicing.tax_left() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
  set constraints invoicing.tax_came, invoicing.tax_counted immediate;
  set constraints invoicing.tax_came, invoicing.tax_counted deferred;
  insert into invoicing.tax_delta
      (tenant_id, currency, issue_date, tax_ppm, net_minor, tax_minor, documents)
    select old.tenant_id, old.currency, old.issue_date, p.tax_ppm,
      -(p.net_minor),
      -(round(p.net_minor * p.tax_ppm * 0.000001)::bigint),
      -(case when true then 1 else 0 end)
    from (select x.tenant_id, x.invoice_id, x.tax_ppm, sum(x.net_minor)::bigint as net_minor
      from invoicing.line x group by x.tenant_id, x.invoice_id, x.tax_ppm) p where p.tenant_id = old.tenant_id and p.invoice_id = old.id;
  if tg_op = 'UPDATE' then
    if new.status <> 'draft' then
      insert into invoicing.tax_delta
      (tenant_id, currency, issue_date, tax_ppm, net_minor, tax_minor, documents)
    select new.tenant_id, new.currency, new.issue_date, p.tax_ppm,
      (p.net_minor),
      (round(p.net_minor * p.tax_ppm * 0.000001)::bigint),
      (case when true then 1 else 0 end)
    from (select x.tenant_id, x.invoice_id, x.tax_ppm, sum(x.net_minor)::bigint as net_minor
      from invoicing.line x group by x.tenant_id, x.invoice_id, x.tax_ppm) p where p.tenant_id = new.tenant_id and p.invoice_id = new.id;
    end if;
  end if;
  return null;
end $$;

-- A truncate fires no trigger a row: what it took would stay in the sums for ever.
create function invoicing.tax_truncated() returns trigger language plpgsql as $$
begin
  if current_setting('plinth.truncate_rollups', true) = 'on' then return null; end if;
  raise exception 'invoicing.invoice is rolled up: delete its rows instead' using errcode = '55000';
end $$;

create function invoicing.fold_tax(rows_max int) returns int language plpgsql as $$
declare
  moved int;
  none_turnover_by_tax_rate tid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('plinth.rollup invoicing.tax', 0)) then return -1; end if;
  with d as (
      delete from invoicing.tax_delta
      where ctid = any (array(select ctid from invoicing.tax_delta limit rows_max))
      returning *),
  turnover_by_tax_rate as (
      insert into invoicing.turnover_by_tax_rate_rollup as x (tenant_id, issue_date, currency, tax_ppm, net_minor, tax_minor, documents)
      select tenant_id, issue_date, currency, tax_ppm, sum(net_minor), sum(tax_minor), sum(documents)
      from d group by 1, 2, 3, 4 having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(documents) <> 0
      on conflict (tenant_id, issue_date, currency, tax_ppm) do update set net_minor = x.net_minor + excluded.net_minor, tax_minor = x.tax_minor + excluded.tax_minor, documents = x.documents + excluded.documents
      returning x.ctid as place, x.net_minor = 0 and x.tax_minor = 0 and x.documents = 0 as is_none)
  select (select count(*) from d),
    (select array_agg(place) from turnover_by_tax_rate where is_none)
  into moved, none_turnover_by_tax_rate;
  if none_turnover_by_tax_rate is not null then
    delete from invoicing.turnover_by_tax_rate_rollup where ctid = any (none_turnover_by_tax_rate);
  end if;
  return moved;
end $$;

create function invoicing.rebuild_tax() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('plinth.rollup invoicing.tax', 0));
  delete from invoicing.turnover_by_tax_rate_rollup;
  with gone as (delete from invoicing.tax_delta),
  d as (select r.tenant_id, r.currency, r.issue_date, p.tax_ppm,
      (p.net_minor) as net_minor,
      (round(p.net_minor * p.tax_ppm * 0.000001)::bigint) as tax_minor,
      (case when true then 1 else 0 end) as documents
    from invoicing.invoice r join (select x.tenant_id, x.invoice_id, x.tax_ppm, sum(x.net_minor)::bigint as net_minor
      from invoicing.line x group by x.tenant_id, x.invoice_id, x.tax_ppm) p on p.tenant_id = r.tenant_id and p.invoice_id = r.id where r.status <> 'draft')

  insert into invoicing.turnover_by_tax_rate_rollup as x (tenant_id, issue_date, currency, tax_ppm, net_minor, tax_minor, documents)
      select tenant_id, issue_date, currency, tax_ppm, sum(net_minor), sum(tax_minor), sum(documents)
      from d group by 1, 2, 3, 4 having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(documents) <> 0
      order by 1, 2, 3, 4
      on conflict (tenant_id, issue_date, currency, tax_ppm) do update set net_minor = x.net_minor + excluded.net_minor, tax_minor = x.tax_minor + excluded.tax_minor, documents = x.documents + excluded.documents;
end $$;

grant usage on schema invoicing to plinth_worker;
grant select, insert on invoicing.tax_delta to plinth_app;
grant select on invoicing.turnover_by_tax_rate_rollup to plinth_app;
grant select on invoicing_api.turnover_by_tax_rate to plinth_app;
grant select, delete on invoicing.tax_delta to plinth_worker;
grant select, insert, update, delete on invoicing.turnover_by_tax_rate_rollup to plinth_worker;
revoke execute on function invoicing.fold_tax(int), invoicing.rebuild_tax() from public;
grant execute on function invoicing.fold_tax(int) to plinth_worker;

create policy rebuild_tax on invoicing.invoice for select to plinth_owner using (true);

create constraint trigger tax_came after insert on invoicing.invoice
  deferrable initially deferred for each row when (new.status <> 'draft') execute function invoicing.tax_came();
create constraint trigger tax_counted after update on invoicing.invoice
  deferrable initially deferred for each row when (not (old.status <> 'draft') and (new.status <> 'draft')) execute function invoicing.tax_came();
create trigger tax_left after delete on invoicing.invoice for each row
  when (old.status <> 'draft') execute function invoicing.tax_left();
create trigger tax_changed after update on invoicing.invoice for each row
  when ((old.status <> 'draft') and (not (new.status <> 'draft')
    or old.tenant_id is distinct from new.tenant_id
      or old.currency is distinct from new.currency
      or old.issue_date is distinct from new.issue_date))
  execute function invoicing.tax_left();
create trigger tax_truncated before truncate on invoicing.invoice
  for each statement execute function invoicing.tax_truncated();

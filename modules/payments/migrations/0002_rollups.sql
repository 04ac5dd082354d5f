-- phase: expand
-- allow: n-beside the triggers add rows to tables that are new; what the release before writes is counted as well
-- Sums of payments for reports, made by rollupSql of src/receipt-rollup.ts. A test compares the two.
create table payments.receipt_delta (
  tenant_id uuid not null,
  currency text,
  received_on date,
  received_minor bigint not null,
  unallocated_minor bigint not null,
  payments bigint not null,
  open_payments bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1);
create index receipt_delta_tenant on payments.receipt_delta (tenant_id);
alter table payments.receipt_delta enable row level security;
alter table payments.receipt_delta force row level security;
create policy tenant on payments.receipt_delta
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on payments.receipt_delta to plinth_worker, plinth_owner using (true) with check (true);

create table payments.received_by_day_rollup (
  tenant_id uuid not null,
  received_on date,
  currency text,
  received_minor bigint not null,
  unallocated_minor bigint not null,
  payments bigint not null,
  open_payments bigint not null,
  constraint received_by_day_key unique nulls not distinct (tenant_id, received_on, currency)
) with (fillfactor = 80);
alter table payments.received_by_day_rollup enable row level security;
alter table payments.received_by_day_rollup force row level security;
create policy tenant on payments.received_by_day_rollup
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy fold on payments.received_by_day_rollup to plinth_worker, plinth_owner using (true) with check (true);

create view payments_api.received_by_day with (security_invoker = true) as
  select tenant_id, received_on, currency,
    sum(received_minor)::bigint as received_minor, sum(unallocated_minor)::bigint as unallocated_minor, sum(payments)::bigint as payments, sum(open_payments)::bigint as open_payments
  from (
    select tenant_id, received_on, currency, received_minor, unallocated_minor, payments, open_payments from payments.received_by_day_rollup
    union all
    select tenant_id, received_on, currency, received_minor, unallocated_minor, payments, open_payments from payments.receipt_delta) s
  group by tenant_id, received_on, currency
  having sum(received_minor) <> 0 or sum(unallocated_minor) <> 0 or sum(payments) <> 0 or sum(open_payments) <> 0;

create function payments.receipt_inserted() returns trigger language plpgsql as $$
begin
    insert into payments.receipt_delta
      (tenant_id, currency, received_on, received_minor, unallocated_minor, payments, open_payments)
    select r.tenant_id, r.currency, r.received_on,
      (r.amount_minor - r.refunded_minor) as received_minor,
      (r.unallocated_minor) as unallocated_minor,
      (case when true then 1 else 0 end) as payments,
      (case when r.unallocated_minor > 0 then 1 else 0 end) as open_payments
    from inserted r where true;
  return null;
end $$;

create function payments.receipt_deleted() returns trigger language plpgsql as $$
begin
    insert into payments.receipt_delta
      (tenant_id, currency, received_on, received_minor, unallocated_minor, payments, open_payments)
    select r.tenant_id, r.currency, r.received_on,
      -(r.amount_minor - r.refunded_minor) as received_minor,
      -(r.unallocated_minor) as unallocated_minor,
      -(case when true then 1 else 0 end) as payments,
      -(case when r.unallocated_minor > 0 then 1 else 0 end) as open_payments
    from deleted r where true;
  return null;
end $$;

create function payments.receipt_updated() returns trigger language plpgsql as $$
begin
  if (true) and (true)
    and (old.tenant_id, old.currency, old.received_on) is not distinct from (new.tenant_id, new.currency, new.received_on)
  then
    insert into payments.receipt_delta
      (tenant_id, currency, received_on, received_minor, unallocated_minor, payments, open_payments)
    values (new.tenant_id, new.currency, new.received_on,
      (new.amount_minor - new.refunded_minor) - (old.amount_minor - old.refunded_minor),
      (new.unallocated_minor) - (old.unallocated_minor),
      (case when true then 1 else 0 end) - (case when true then 1 else 0 end),
      (case when new.unallocated_minor > 0 then 1 else 0 end) - (case when old.unallocated_minor > 0 then 1 else 0 end));
    return null;
  end if;
  if true then
    insert into payments.receipt_delta
      (tenant_id, currency, received_on, received_minor, unallocated_minor, payments, open_payments)
    values (old.tenant_id, old.currency, old.received_on,
      -(old.amount_minor - old.refunded_minor),
      -(old.unallocated_minor),
      -(case when true then 1 else 0 end),
      -(case when old.unallocated_minor > 0 then 1 else 0 end));
  end if;
  if true then
    insert into payments.receipt_delta
      (tenant_id, currency, received_on, received_minor, unallocated_minor, payments, open_payments)
    values (new.tenant_id, new.currency, new.received_on,
      (new.amount_minor - new.refunded_minor),
      (new.unallocated_minor),
      (case when true then 1 else 0 end),
      (case when new.unallocated_minor > 0 then 1 else 0 end));
  end if;
  return null;
end $$;

-- A truncate fires no trigger a row: what it took would stay in the sums for ever.
create function payments.receipt_truncated() returns trigger language plpgsql as $$
begin
  if current_setting('plinth.truncate_rollups', true) = 'on' then return null; end if;
  raise exception 'payments.payment is rolled up: delete its rows instead' using errcode = '55000';
end $$;

create function payments.fold_receipt(rows_max int) returns int language plpgsql as $$
declare
  moved int;
  none_received_by_day tid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('plinth.rollup payments.receipt', 0)) then return -1; end if;
  with d as (
      delete from payments.receipt_delta
      where ctid = any (array(select ctid from payments.receipt_delta limit rows_max))
      returning *),
  received_by_day as (
      insert into payments.received_by_day_rollup as x (tenant_id, received_on, currency, received_minor, unallocated_minor, payments, open_payments)
      select tenant_id, received_on, currency, sum(received_minor), sum(unallocated_minor), sum(payments), sum(open_payments)
      from d group by 1, 2, 3 having sum(received_minor) <> 0 or sum(unallocated_minor) <> 0 or sum(payments) <> 0 or sum(open_payments) <> 0
      on conflict (tenant_id, received_on, currency) do update set received_minor = x.received_minor + excluded.received_minor, unallocated_minor = x.unallocated_minor + excluded.unallocated_minor, payments = x.payments + excluded.payments, open_payments = x.open_payments + excluded.open_payments
      returning x.ctid as place, x.received_minor = 0 and x.unallocated_minor = 0 and x.payments = 0 and x.open_payments = 0 as is_none)
  select (select count(*) from d),
    (select array_agg(place) from received_by_day where is_none)
  into moved, none_received_by_day;
  if none_received_by_day is not null then
    delete from payments.received_by_day_rollup where ctid = any (none_received_by_day);
  end if;
  return moved;
end $$;

create function payments.rebuild_receipt() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('plinth.rollup payments.receipt', 0));
  delete from payments.received_by_day_rollup;
  with gone as (delete from payments.receipt_delta),
  d as (select r.tenant_id, r.currency, r.received_on,
      (r.amount_minor - r.refunded_minor) as received_minor,
      (r.unallocated_minor) as unallocated_minor,
      (case when true then 1 else 0 end) as payments,
      (case when r.unallocated_minor > 0 then 1 else 0 end) as open_payments
    from payments.payment r where true)

  insert into payments.received_by_day_rollup as x (tenant_id, received_on, currency, received_minor, unallocated_minor, payments, open_payments)
      select tenant_id, received_on, currency, sum(received_minor), sum(unallocated_minor), sum(payments), sum(open_payments)
      from d group by 1, 2, 3 having sum(received_minor) <> 0 or sum(unallocated_minor) <> 0 or sum(payments) <> 0 or sum(open_payments) <> 0
      on conflict (tenant_id, received_on, currency) do update set received_minor = x.received_minor + excluded.received_minor, unallocated_minor = x.unallocated_minor + excluded.unallocated_minor, payments = x.payments + excluded.payments, open_payments = x.open_payments + excluded.open_payments;
end $$;

grant usage on schema payments to plinth_worker;
grant select, insert on payments.receipt_delta to plinth_app;
grant select on payments.received_by_day_rollup to plinth_app;
grant select on payments_api.received_by_day to plinth_app;
grant select, delete on payments.receipt_delta to plinth_worker;
grant select, insert, update, delete on payments.received_by_day_rollup to plinth_worker;
revoke execute on function payments.fold_receipt(int), payments.rebuild_receipt() from public;
grant execute on function payments.fold_receipt(int) to plinth_worker;
create policy rebuild on payments.payment for select to plinth_owner using (true);

create trigger receipt_inserted after insert on payments.payment
  referencing new table as inserted for each statement execute function payments.receipt_inserted();
create trigger receipt_deleted after delete on payments.payment
  referencing old table as deleted for each statement execute function payments.receipt_deleted();
create trigger receipt_updated after update on payments.payment for each row
  when (((true) or (true))
    and (old.tenant_id is distinct from new.tenant_id
      or old.currency is distinct from new.currency
      or old.received_on is distinct from new.received_on
      or old.amount_minor is distinct from new.amount_minor
      or old.refunded_minor is distinct from new.refunded_minor
      or old.unallocated_minor is distinct from new.unallocated_minor))
  execute function payments.receipt_updated();
create trigger receipt_truncated before truncate on payments.payment
  for each statement execute function payments.receipt_truncated();

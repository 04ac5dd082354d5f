-- phase: expand
create schema audit;
grant usage on schema audit to plinth_app;

-- Who did what. Only ever added to; each entry's hash covers the one before it.
create table audit.entry (
  tenant_id  uuid not null default current_setting('app.tenant')::uuid,
  at         timestamptz not null,
  id         uuid not null,                     -- the event's
  seq        bigint not null check (seq > 0),   -- its place in the tenant's chain, without a gap
  actor_kind text not null check (actor_kind in ('user', 'key', 'system', 'operator', 'anonymous')),
  actor_id   text collate "C" not null,
  actor_name text not null,                     -- as it was then
  action     text collate "C" not null,         -- the event's name
  module     text collate "C" not null,
  object_id  text collate "C" not null,         -- the event's key
  req_id     text not null,
  body       text not null,                     -- JSON, byte for byte what the hash was made of
  hash       bytea not null check (length(hash) = 32),
  primary key (tenant_id, at, id)
) partition by range (at);
create index entry_seq    on audit.entry (tenant_id, seq);
create index entry_id     on audit.entry (tenant_id, id);
create index entry_actor  on audit.entry (tenant_id, actor_id, at, id);
create index entry_object on audit.entry (tenant_id, object_id, at, id);
alter table audit.entry enable row level security;
alter table audit.entry force row level security;
create policy tenant on audit.entry
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert on audit.entry to plinth_app;

-- The end of a tenant's chain. Whoever adds an entry holds the row: entries follow one another.
create table audit.head (
  tenant_id uuid primary key default current_setting('app.tenant')::uuid,
  seq       bigint not null check (seq >= 0),
  hash      bytea not null check (length(hash) = 32)
) with (fillfactor = 50);
alter table audit.head enable row level security;
alter table audit.head force row level security;
create policy tenant on audit.head
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on audit.head to plinth_app;

-- The application owns no table: this is how it gets the partition of a month. Nobody reaches a partition but
-- through its parent; row security holds on it all the same.
create function audit.make_partition(month date) returns void
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  first constant date := date_trunc('month', month)::date;
  name  constant text := 'entry_' || to_char(first, 'YYYY_MM');
begin
  if first < date '2000-01-01' or first > current_date + 3660 then
    raise exception 'no partition for %', first using errcode = '22008';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('audit.make_partition', 0));
  if to_regclass('audit.' || name) is not null then return; end if;
  execute format('create table audit.%I partition of audit.entry for values from (%L) to (%L)', name,
                 first || ' 00:00+00', (first + interval '1 month')::date || ' 00:00+00');
  execute format('alter table audit.%I enable row level security', name);
  execute format('alter table audit.%I force row level security', name);
  execute format('create policy tenant on audit.%I using (tenant_id = current_setting(''app.tenant'')::uuid)
                  with check (tenant_id = current_setting(''app.tenant'')::uuid)', name);
end $$;
revoke execute on function audit.make_partition(date) from public;
grant execute on function audit.make_partition(date) to plinth_app;

select audit.make_partition((current_date + make_interval(months => m))::date) from generate_series(-1, 3) m;

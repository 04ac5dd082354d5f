-- phase: expand
-- Where each timeline of the cluster began: what tells a write that a failover kept from one that it lost.
create table plinth.timeline (
  timeline   int         primary key check (timeline > 0),
  -- Null where nobody saw the promotion itself.
  switch_lsn pg_lsn,
  seen_at    timestamptz not null default now()
);

-- Writes that came with a key: a second one with it finds that the first has committed. Kept for a day.
create table plinth.write_key (
  tenant_id uuid        not null,
  key       text        not null check (length(key) between 1 and 200),
  at        timestamptz not null default now(),
  primary key (tenant_id, key)
);
create index write_key_at on plinth.write_key (tenant_id, at);
alter table plinth.write_key enable row level security;
alter table plinth.write_key force row level security;
create policy tenant on plinth.write_key
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);

grant select, insert, update on plinth.timeline to plinth_app;
grant select, insert, delete on plinth.write_key to plinth_app;

-- The timeline that a standby receives: the server tells it to members of pg_monitor only, and of all that
-- they may see this is the one fact that routing needs.
create function plinth.received_timeline() returns int
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as 'select received_tli from pg_catalog.pg_stat_wal_receiver';
revoke execute on function plinth.received_timeline() from public;
grant execute on function plinth.received_timeline() to plinth_app;

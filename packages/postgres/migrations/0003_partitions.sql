-- phase: expand
-- Tables that are partitioned by month, how far ahead, and how long a month is kept. Only migrations write it.
create table plinth.partition_policy (
  parent        text primary key,                      -- schema.table
  premake       int  not null check (premake between 1 and 24),
  retain_months int  check (retain_months > 0),        -- null: for ever
  before_drop   text                                   -- schema.function(regclass), called with what goes
);

-- What went: where it is kept, and what it held.
create table plinth.partition_archive (
  parent      text        not null,
  name        text        not null,                    -- schema.table
  detached_at timestamptz not null default now(),
  upper_end   timestamptz not null,
  row_count   bigint,
  sha256      bytea,
  place       text,
  dropped_at  timestamptz,
  primary key (parent, name, detached_at),
  check (num_nulls(row_count, sha256, place, dropped_at) in (0, 4))
);
grant usage on schema plinth to plinth_worker;
grant select on plinth.partition_policy, plinth.partition_archive to plinth_app, plinth_worker;

-- The application owns no table: this is how it gets the partition that holds an instant. Row security holds on it,
-- so that nobody reaches past it by its name.
create function plinth.make_partition(parent text, at timestamptz) returns boolean
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  first  constant date := date_trunc('month', at at time zone 'UTC')::date;
  schema constant text := split_part(parent, '.', 1);
  base   constant text := split_part(parent, '.', 2);
  name   constant text := base || to_char(first, '_YYYY_MM');
begin
  if not exists (select from plinth.partition_policy p where p.parent = make_partition.parent) then
    raise exception '% has no policy', parent using errcode = '42704';
  end if;
  if first < date '2000-01-01' or first > current_date + 3660 then
    raise exception 'no partition for %', first using errcode = '22008';
  end if;
  if to_regclass(format('%I.%I', schema, name)) is not null then return false; end if;
  perform pg_advisory_xact_lock(hashtextextended('plinth.partition ' || parent, 0));
  -- Whoever held the lock may have made it; to_regclass would answer from what this session remembers.
  if exists (select from pg_class c where c.relname = name and c.relnamespace = schema::regnamespace) then
    return false;
  end if;
  execute format('create table %I.%I partition of %I.%I for values from (%L) to (%L)', schema, name, schema, base,
                 first || ' 00:00+00', (first + interval '1 month')::date || ' 00:00+00');
  execute format('alter table %I.%I enable row level security', schema, name);
  execute format('alter table %I.%I force row level security', schema, name);
  execute format('create policy tenant on %I.%I using (tenant_id = current_setting(''app.tenant'')::uuid)
                  with check (tenant_id = current_setting(''app.tenant'')::uuid)', schema, name);
  return true;
end $$;

-- Takes the oldest month that is past its time out of the table, for the worker to archive; the same again until
-- it is dropped. It waits 200 ms for the table at most: the next hour tries again.
create function plinth.detach_partition(parent text) returns text
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  months int;
  found  text;
  ends   timestamptz;
begin
  select retain_months into months from plinth.partition_policy p where p.parent = detach_partition.parent;
  if months is null then return null; end if;
  if not pg_try_advisory_xact_lock(hashtextextended('plinth.partition ' || parent, 0)) then return null; end if;
  select name into found from plinth.partition_archive a
    where a.parent = detach_partition.parent and dropped_at is null order by detached_at limit 1;
  if found is not null then return found; end if;
  select format('%I.%I', n.nspname, c.relname), (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz
    into found, ends
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
    where i.inhparent = parent::regclass order by 2 limit 1;
  if found is null or ends > now() - make_interval(months => months) then return null; end if;
  perform set_config('lock_timeout', '200ms', true);
  execute format('alter table %s detach partition %s', parent::regclass, found);
  execute format('create policy archive on %s to plinth_worker, plinth_owner using (true)', found);
  execute format('grant select on %s to plinth_worker', found);
  insert into plinth.partition_archive (parent, name, upper_end) values (parent, found, ends);
  return found;
end $$;

-- Only what was detached by its policy, and only when all its rows were archived.
create function plinth.drop_partition(name text, row_count bigint, sha256 bytea, place text) returns void
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  known  plinth.partition_archive;
  hook   text;
  counted bigint;
begin
  select * into known from plinth.partition_archive a
    where a.name = drop_partition.name and dropped_at is null for update;
  if not found then raise exception '% is not detached', name using errcode = '42704'; end if;
  execute format('select count(*) from %s', known.name) into counted;
  if counted <> row_count then
    raise exception '% has % rows, % were archived', name, counted, row_count using errcode = '55000';
  end if;
  select before_drop into hook from plinth.partition_policy p where p.parent = known.parent;
  if hook is not null then execute format('select %s(%L::regclass)', hook, known.name); end if;
  execute format('drop table %s', known.name);
  update plinth.partition_archive a
    set row_count = drop_partition.row_count, sha256 = drop_partition.sha256, place = drop_partition.place, dropped_at = now()
    where a.parent = known.parent and a.name = known.name and a.detached_at = known.detached_at;
end $$;

revoke execute on function plinth.make_partition(text, timestamptz), plinth.detach_partition(text),
  plinth.drop_partition(text, bigint, bytea, text) from public;
grant execute on function plinth.make_partition(text, timestamptz) to plinth_app;
grant execute on function plinth.detach_partition(text), plinth.drop_partition(text, bigint, bytea, text) to plinth_worker;

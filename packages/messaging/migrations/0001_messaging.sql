-- phase: expand
create schema if not exists plinth;
grant usage on schema plinth to plinth_app;

-- The order of events. Cache 1: it must rise with the order in which the keys' locks are had.
create sequence plinth.outbox_seq as bigint cache 1;

create table plinth.outbox (
  id      uuid        not null,
  seq     bigint      not null default nextval('plinth.outbox_seq'),
  -- The writing transaction, of the top level: decides which snapshot sees the row.
  tx      xid8        not null default pg_current_xact_id(),
  part    smallint    not null check (part between 0 and 15),
  key     text        check (octet_length(key) <= 200),
  tenant  text,
  name    text        not null,
  version smallint    not null check (version > 0),
  -- The publisher's clock.
  at      timestamptz not null,
  meta    jsonb       not null,
  body    jsonb       not null
) partition by range (at);
create index on plinth.outbox (tx);
-- Unique, so that the planner knows that a look-up finds one row.
create unique index on plinth.outbox (seq, at);

-- One row. Who holds its lock relays.
create table plinth.relay (
  one       boolean     primary key default true check (one),
  -- Of the cluster in which the snapshots mean something.
  system_id bigint      not null,
  -- Everything visible in it was sent.
  prev      pg_snapshot not null,
  -- The batch that is being sent: visible in cur, not in prev, seq from lo to hi, sent up to after.
  cur       pg_snapshot,
  lo        bigint,
  hi        bigint,
  after     bigint
);
insert into plinth.relay (system_id, prev)
select system_identifier, pg_current_snapshot() from pg_control_system();

create table plinth.subscription (
  sub        smallint primary key,
  name       text     not null unique check (name ~ '^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$'),
  events     text[]   not null,
  -- Its keys wait behind a dead event.
  block      boolean  not null,
  paused_by  text,
  paused_why text
);

create sequence plinth.delivery_pos as bigint cache 1;

-- What a subscription has yet to handle. The relay's transactions follow one another, so rows that are
-- not held become visible in the order of pos.
create table plinth.delivery (
  sub      smallint    not null,
  part     smallint    not null,
  pos      bigint      not null default nextval('plinth.delivery_pos'),
  src      smallint    not null,
  seq      bigint      not null,
  at       timestamptz not null,
  id       uuid        not null,
  -- The key, or the id where there is none.
  lane     text        not null,
  -- Failed, behind a failure, or redriven: the lane's head is its lowest (src, seq).
  held     boolean     not null default false,
  redriven boolean     not null default false,
  attempt  smallint    not null default 0,
  due      timestamptz,
  first_at timestamptz,
  error    text        check (octet_length(error) <= 4096),
  -- Null: as in the outbox, found by at and seq.
  event    jsonb,
  primary key (sub, part, pos)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create unique index delivery_lane on plinth.delivery (sub, part, lane, src, seq) where held;

-- Who reads which part of a subscription. A late owner is refused by the epoch.
create table plinth.lease (
  sub   smallint    not null references plinth.subscription,
  part  smallint    not null,
  owner text,
  epoch bigint      not null default 0,
  until timestamptz not null default '-infinity',
  primary key (sub, part)
) with (fillfactor = 50);

-- Who is there to share the leases: a newcomer holds none of them.
create table plinth.consumer (
  id   text        primary key,
  beat timestamptz not null
);

-- What was handled. Partitioned by the time in the id.
create table plinth.inbox (
  id  uuid     not null,
  sub smallint not null,
  primary key (id, sub)
) partition by range (id);

create table plinth.dead (
  sub      smallint    not null,
  id       uuid        not null,
  src      smallint    not null,
  seq      bigint      not null,
  part     smallint    not null,
  lane     text        not null,
  at       timestamptz not null,
  name     text        not null,
  tenant   text,
  attempts smallint    not null,
  reason   text        not null check (reason in ('failed', 'permanent', 'bad-body', 'lane-full')),
  error    text        not null,
  first_at timestamptz not null,
  died_at  timestamptz not null default now(),
  event    jsonb       not null,
  primary key (sub, id)
);
create index on plinth.dead (sub, part, lane);

create table plinth.message_audit (
  at     timestamptz not null default now(),
  actor  text        not null,
  action text        not null,
  sub    smallint,
  ids    uuid[],
  filter jsonb,
  why    text,
  batch  uuid
);

create function plinth.uuid_at(at timestamptz) returns uuid
  language sql stable strict set search_path = pg_catalog, pg_temp
return (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- The partitions of one day, UTC. False: they were there.
create function plinth.make_message_day(day date) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  suffix text        := to_char(day, 'YYYYMMDD');
  lower  timestamptz := day::timestamp at time zone 'UTC';
  upper  timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
  if to_regclass('plinth.inbox_' || suffix) is not null
    and to_regclass('plinth.outbox_' || suffix) is not null then return false; end if;
  perform pg_advisory_xact_lock(20556, 1);
  if to_regclass('plinth.outbox_' || suffix) is null then
    execute format('create table plinth.%I partition of plinth.outbox for values from (%L) to (%L)',
      'outbox_' || suffix, lower, upper);
  end if;
  if to_regclass('plinth.inbox_' || suffix) is null then
    execute format('create table plinth.%I partition of plinth.inbox for values from (%L) to (%L)',
      'inbox_' || suffix, plinth.uuid_at(lower), plinth.uuid_at(upper));
  end if;
  return true;
end $$;

-- Drops the oldest partition that is past its time. Null: there is none. False: it is still needed, or
-- somebody reads it; the parent is locked for the instant of the drop, and waited for 200 ms at most.
create function plinth.drop_message_day(outbox_days int, inbox_days int) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  day    date;
  oldest text;
  unsent boolean;
begin
  perform set_config('lock_timeout', '200ms', true);
  select c.relname, right(c.relname, 8)::date into oldest, day
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'plinth.outbox'::regclass
    and right(c.relname, 8)::date < (now() at time zone 'UTC')::date - outbox_days
  order by c.relname limit 1;
  if oldest is not null then
    execute format('select exists (select from plinth.%I o, plinth.relay r
      where o.tx >= pg_snapshot_xmin(r.prev))', oldest) into unsent;
    if unsent then return false; end if;
    update plinth.delivery d
    set event = jsonb_build_object('name', o.name, 'version', o.version, 'key', o.key, 'tenant', o.tenant,
      'meta', o.meta, 'body', o.body)
    from plinth.outbox o
    where d.event is null and d.at = o.at and d.seq = o.seq
      and o.at < (day + 1)::timestamp at time zone 'UTC'
      and d.at < (day + 1)::timestamp at time zone 'UTC';
    execute format('drop table plinth.%I', oldest);
    return true;
  end if;
  select c.relname into oldest
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'plinth.inbox'::regclass
    and right(c.relname, 8)::date < (now() at time zone 'UTC')::date - inbox_days
  order by c.relname limit 1;
  if oldest is null then return null; end if;
  execute format('drop table plinth.%I', oldest);
  return true;
exception when lock_not_available then
  return false;
end $$;

-- All events of a transaction, in its last flight. `locks`: the keys whose order is that of the commits.
create function plinth.publish(events jsonb, locks text[], days date[]) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  day date;
begin
  foreach day in array days loop
    -- Made ahead, as a rule; a clock far off, or a product that stood still for a week, makes its own.
    if to_regclass('plinth.outbox_' || to_char(day, 'YYYYMMDD')) is null then
      perform plinth.make_message_day(day);
    end if;
  end loop;
  -- Sorted, and the last locks that a transaction takes: two of them cannot wait for each other.
  perform pg_advisory_xact_lock(l.hash)
  from (select distinct hashtextextended(k, 20556) as hash from unnest(locks) k order by 1) l;
  insert into plinth.outbox (id, part, key, tenant, name, version, at, meta, body)
  select e.id, e.part, e.key, e.tenant, e.name, e.version, e.at, e.meta, e.body
  from rows from (jsonb_to_recordset(events) as (id uuid, part smallint, key text, tenant text, name text,
    version smallint, at timestamptz, meta jsonb, body jsonb))
    with ordinality as e (id, part, key, tenant, name, version, at, meta, body, n)
  order by e.n;
end $$;

-- After a restore into another cluster: transaction ids began anew, so every retained event is news again.
-- Inboxes drop what was handled.
create function plinth.rebase_outbox() returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moved bigint;
begin
  update plinth.relay set prev = pg_current_snapshot(), cur = null, lo = null, hi = null, after = null,
    system_id = (select system_identifier from pg_control_system());
  update plinth.outbox set tx = pg_current_xact_id();
  get diagnostics moved = row_count;
  return moved;
end $$;

revoke execute on function plinth.make_message_day(date), plinth.drop_message_day(int, int),
  plinth.publish(jsonb, text[], date[]), plinth.rebase_outbox() from public;
grant execute on function plinth.make_message_day(date), plinth.drop_message_day(int, int),
  plinth.publish(jsonb, text[], date[]), plinth.rebase_outbox() to plinth_app;
grant usage on sequence plinth.outbox_seq, plinth.delivery_pos to plinth_app;
-- No row security: these are the chassis' own tables. A handler sees one tenant's event at a time.
grant select, insert on plinth.outbox, plinth.message_audit to plinth_app;
grant select, update on plinth.relay to plinth_app;
grant select, insert, update on plinth.subscription, plinth.lease to plinth_app;
grant select, insert, update, delete on plinth.delivery, plinth.consumer, plinth.dead to plinth_app;
grant select, insert, delete on plinth.inbox to plinth_app;

do $$
begin
  for ahead in -1..7 loop
    perform plinth.make_message_day((now() at time zone 'UTC')::date + ahead);
  end loop;
end $$;

-- phase: expand
create schema if not exists plinth;
grant usage on schema plinth to plinth_app, plinth_worker;

-- What is to do. States 0 scheduled, 1 ready, 2 running; what has ended leaves for job_done.
create table plinth.job (
  id           uuid primary key,
  queue        text not null,
  tenant       text collate "C" not null default '_',  -- _ for what belongs to none
  band         smallint not null check (band between 0 and 2),  -- 0 high, 1 normal, 2 low
  name         text not null,
  run_at       timestamptz not null,
  state        smallint not null check (state between 0 and 2),
  attempt      smallint not null default 0,
  max_attempts smallint not null,
  epoch        bigint not null default 0,              -- raised by each claim: the fencing token
  worker       uuid,
  lost         smallint not null default 0,            -- workers lost in a row while they had it
  claimed      timestamptz,
  uniq         text,
  uniq_queued  boolean not null default false,         -- the claim clears uniq
  input        jsonb not null,
  meta         jsonb not null,                         -- who enqueued it, its trace, how long it is kept
  error        jsonb,                                  -- of the last attempt
  created      timestamptz not null default now()
) with (fillfactor = 70);
create index job_ready   on plinth.job (queue, band, tenant, run_at, id) where state = 1;
create index job_due     on plinth.job (run_at)                         where state = 0;
create index job_running on plinth.job (queue, tenant)                  where state = 2;
create index job_tenant  on plinth.job (tenant, id);
create unique index job_uniq on plinth.job (name, tenant, uniq) where uniq is not null and state in (0, 1, 2);

create table plinth.job_done (
  id           uuid primary key,
  queue        text not null,
  tenant       text collate "C" not null,
  band         smallint not null,
  name         text not null,
  run_at       timestamptz not null,
  attempt      smallint not null,
  max_attempts smallint not null,
  epoch        bigint not null,
  worker       uuid,
  input        jsonb not null,
  meta         jsonb not null,
  error        jsonb,
  created      timestamptz not null,
  outcome      text not null check (outcome in ('done', 'cancelled', 'dead')),
  result       jsonb,
  finished     timestamptz not null default now(),
  keep_until   timestamptz not null
);
create index job_done_tenant   on plinth.job_done (tenant, id);
create index job_done_finished on plinth.job_done (finished);
create index job_done_keep     on plinth.job_done (keep_until);

-- Apart from job, so that progress and cancel never wait for the row lock that a handler's transaction holds.
create table plinth.job_live (
  id         uuid primary key,
  tenant     text collate "C" not null,
  epoch      bigint not null,
  progress   real check (progress between 0 and 1),
  message    text check (length(message) <= 200),
  checkpoint jsonb,
  cancel     boolean not null default false
);

-- Keys of scope forMs outlive their job.
create table plinth.job_unique (
  name   text not null,
  tenant text collate "C" not null,
  uniq   text not null,
  until  timestamptz not null,
  job    uuid not null,
  primary key (name, tenant, uniq)
);
create index job_unique_until on plinth.job_unique (until);

create table plinth.job_worker (
  id      uuid primary key,
  host    text not null,
  started timestamptz not null default now(),
  beat    timestamptz not null default now(),
  slots   jsonb not null
);
create table plinth.job_pause (
  queue  text primary key,
  by     text not null,
  why    text not null,
  since  timestamptz not null default now()
);
create table plinth.job_schedule (
  name      text primary key,
  pattern   text not null,                             -- cron text and zone: a changed one begins anew
  last_fire timestamptz,
  next_fire timestamptz not null
);
create index job_schedule_next on plinth.job_schedule (next_fire);

alter table plinth.job        enable row level security;
alter table plinth.job        force  row level security;
alter table plinth.job_done   enable row level security;
alter table plinth.job_done   force  row level security;
alter table plinth.job_live   enable row level security;
alter table plinth.job_live   force  row level security;
alter table plinth.job_unique enable row level security;
alter table plinth.job_unique force  row level security;
-- A context without a tenant sees what belongs to none.
create policy tenant on plinth.job        using (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), '_'));
create policy tenant on plinth.job_done   using (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), '_'));
create policy tenant on plinth.job_live   using (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), '_'));
create policy tenant on plinth.job_unique using (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), '_'));
create policy worker on plinth.job        to plinth_worker using (true);
create policy worker on plinth.job_done   to plinth_worker using (true);
create policy worker on plinth.job_live   to plinth_worker using (true);
create policy worker on plinth.job_unique to plinth_worker using (true);

grant select, insert, update, delete on plinth.job, plinth.job_done, plinth.job_live, plinth.job_unique
  to plinth_app, plinth_worker;
grant select, insert, update, delete on plinth.job_worker, plinth.job_pause, plinth.job_schedule to plinth_worker;

-- phase: expand
-- What people did to jobs and queues: who, when, why. Nobody changes or removes a row.
create table plinth.job_audit (
  seq      bigint generated always as identity primary key,
  at       timestamptz not null default now(),
  actor    text not null,                              -- kind:id
  action   text not null
    check (action in ('cancel', 'retry', 'run', 'pause', 'resume', 'limit')),
  tenant   text collate "C" not null default '_',      -- of the jobs, where they are one tenant's
  queue    text,
  schedule text,
  ids      uuid[],
  detail   jsonb,                                      -- the selection of a retry, the numbers of a limit
  why      text
);
create index job_audit_tenant on plinth.job_audit (tenant, seq);
alter table plinth.job_audit enable row level security;
alter table plinth.job_audit force  row level security;
create policy tenant on plinth.job_audit using (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), '_'));
create policy worker on plinth.job_audit to plinth_worker using (true);
grant select, insert on plinth.job_audit to plinth_app, plinth_worker;

-- phase: expand
create schema app;
grant usage on schema app to plinth_app;
create table app.note (
  tenant_id uuid not null,
  id        uuid not null,
  version   int4 not null,
  text      text not null,
  primary key (tenant_id, id)
);
alter table app.note enable row level security;
alter table app.note force row level security;
create policy tenant on app.note
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on app.note to plinth_app;

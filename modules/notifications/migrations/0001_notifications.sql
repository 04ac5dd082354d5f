-- phase: expand
create schema notifications;
grant usage on schema notifications to plinth_app;

create table notifications.notice (
  tenant_id    uuid not null default current_setting('app.tenant')::uuid,
  id           uuid not null,
  version      bigint not null default 1,
  user_id      uuid not null,                    -- whose it is
  type         text not null,
  object_type  text not null check (object_type in ('invoice', 'payment', 'import', 'user')),
  object_id    text not null,
  details      jsonb not null check (octet_length(details::text) <= 4096),   -- values for the text
  group_key    text,                             -- what is gathered in one notice, such as a day's overdue invoices
  count        int not null default 1 check (count > 0),
  read_at      timestamptz,
  created_at   timestamptz not null,
  is_read      boolean not null generated always as (read_at is not null) stored,
  primary key (tenant_id, id)
) with (autovacuum_vacuum_insert_scale_factor = 0.02);
create unique index notice_group on notifications.notice (tenant_id, user_id, group_key) where group_key is not null;
create index notice_user   on notifications.notice (tenant_id, user_id, created_at, id);
create index notice_unread on notifications.notice (tenant_id, user_id, created_at, id) where not is_read;
create index notice_created on notifications.notice (tenant_id, created_at, id);
alter table notifications.notice enable row level security;
alter table notifications.notice force row level security;
create policy tenant on notifications.notice
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on notifications.notice to plinth_app;

create table notifications.preference (
  tenant_id uuid not null default current_setting('app.tenant')::uuid,
  user_id   uuid not null,
  version   bigint not null default 1,
  off       text[] not null,                     -- types that the user does not want
  primary key (tenant_id, user_id)
);
alter table notifications.preference enable row level security;
alter table notifications.preference force row level security;
create policy tenant on notifications.preference
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update on notifications.preference to plinth_app;

-- phase: expand
-- A file that was sent to be imported, how it is to be read, and what came of it.
create table invoicing.import (
  tenant_id     uuid        not null default current_setting('app.tenant')::uuid,
  id            uuid        not null,
  file_name     text        not null,
  blob          text        not null,
  bytes         bigint      not null,
  state         text        not null check (state in ('uploaded', 'running', 'checked', 'done', 'failed')),
  header        text[]      not null,
  preview       jsonb       not null,
  separator     text        not null,
  encoding      text        not null,
  suggested     text,
  settings      jsonb,
  job_id        uuid,
  row_count     int         not null default 0,
  bad_rows      int         not null default 0,
  documents     int         not null default 0,
  credit_notes  int         not null default 0,
  known         int         not null default 0,
  new_customers int         not null default 0,
  done_line     int         not null default 0,   -- everything up to this line is in the counts; written with what it books
  failure       text,
  created_at    timestamptz not null,
  finished_at   timestamptz,
  primary key (tenant_id, id)
);

alter table invoicing.import enable row level security;
alter table invoicing.import force row level security;
create policy tenant on invoicing.import
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on invoicing.import to plinth_app;

-- A refused value: its line of the file, its column, the reason.
create table invoicing.import_error (
  tenant_id   uuid not null default current_setting('app.tenant')::uuid,
  import_id   uuid not null,
  line        int  not null,
  position    int  not null,          -- of the errors of a line
  column_name text not null,
  value       text not null,
  code        text not null,
  reason      text not null,
  primary key (tenant_id, import_id, line, position)
);

alter table invoicing.import_error enable row level security;
alter table invoicing.import_error force row level security;
create policy tenant on invoicing.import_error
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, delete on invoicing.import_error to plinth_app;

-- A row that was left out, as it stood in the file: also the good rows of a document that has a bad one.
create table invoicing.import_reject (
  tenant_id uuid   not null default current_setting('app.tenant')::uuid,
  import_id uuid   not null,
  line      int    not null,
  fields    text[] not null,
  primary key (tenant_id, import_id, line)
);

alter table invoicing.import_reject enable row level security;
alter table invoicing.import_reject force row level security;
create policy tenant on invoicing.import_reject
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, delete on invoicing.import_reject to plinth_app;

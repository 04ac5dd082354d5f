-- phase: expand
create schema if not exists plinth;
grant usage on schema plinth to plinth_app, plinth_worker;

create table plinth.blob (
  key        text collate "C" primary key,
  tenant     text collate "C" not null,  -- first part of the key; _ for what belongs to no tenant
  content    uuid not null unique,       -- whose chunks they are: a replaced blob's go with it
  type       text not null,              -- media type
  bytes      bigint not null,
  sha256     bytea not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  check (split_part(key, '/', 1) = tenant),
  check (length(key) <= 200),
  check (bytes >= 0),
  check (octet_length(sha256) = 32)
);
create index blob_expiry on plinth.blob (expires_at) where expires_at is not null;

-- Unfinished puts: what a dead process left is found here and swept.
create table plinth.blob_upload (
  content    uuid primary key,
  tenant     text collate "C" not null,
  written_at timestamptz not null default now()
);
create index blob_upload_age on plinth.blob_upload (written_at);

create table plinth.blob_chunk (
  content uuid not null,
  number  int not null,                  -- from 0; all but the last have 1 MiB
  tenant  text collate "C" not null,
  data    bytea not null,
  primary key (content, number),
  check (octet_length(data) <= 1048576)
);
-- Most blobs are compressed already, and a substring of what is not compressed is cheap.
alter table plinth.blob_chunk alter column data set storage external;

alter table plinth.blob        enable row level security;
alter table plinth.blob        force  row level security;
alter table plinth.blob_upload enable row level security;
alter table plinth.blob_upload force  row level security;
alter table plinth.blob_chunk  enable row level security;
alter table plinth.blob_chunk  force  row level security;
-- Without a tenant only what belongs to none is seen.
create policy tenant on plinth.blob        using (tenant = '_' or tenant = current_setting('app.tenant', true));
create policy tenant on plinth.blob_upload using (tenant = '_' or tenant = current_setting('app.tenant', true));
create policy tenant on plinth.blob_chunk  using (tenant = '_' or tenant = current_setting('app.tenant', true));
create policy worker on plinth.blob        to plinth_worker using (true);
create policy worker on plinth.blob_upload to plinth_worker using (true);
create policy worker on plinth.blob_chunk  to plinth_worker using (true);

grant select, insert, update, delete on plinth.blob, plinth.blob_upload, plinth.blob_chunk to plinth_app;
grant select, update, delete on plinth.blob, plinth.blob_upload, plinth.blob_chunk to plinth_worker;

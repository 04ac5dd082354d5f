-- phase: expand
create schema if not exists http;
grant usage on schema http to plinth_app;

create table http.session (
  id_hash     bytea primary key,
  user_id     uuid not null,
  tenant_id   uuid,
  created_at  timestamptz not null,
  seen_at     timestamptz not null,
  idle_until  timestamptz not null,
  hard_until  timestamptz not null,
  level       smallint not null check (level between 0 and 9),
  user_agent  text not null check (length(user_agent) <= 400),
  ip          text not null check (length(ip) <= 64),
  data        jsonb not null default '{}' check (pg_column_size(data) < 4096)
);
create index session_by_user on http.session (user_id);
create index session_by_end on http.session (hard_until);
comment on table http.session is 'Not a tenant''s: whoever holds the cookie is looked up before a tenant is known.';
comment on column http.session.id_hash is 'SHA-256 of the 32 random bytes in the cookie: the table opens no session.';
comment on column http.session.tenant_id is 'Null: signed in, no tenant chosen.';
comment on column http.session.level is '1: password, 2: second factor too.';
grant select, insert, update, delete on http.session to plinth_app;

create table http.key (
  id            text primary key check (id ~ '^[0-9a-z]{8}$'),
  created_at    timestamptz not null,
  sign_from     timestamptz not null,
  sign_until    timestamptz not null,
  verify_until  timestamptz,
  master_id     text not null,
  nonce         bytea not null,
  wrapped       bytea not null
);
comment on column http.key.verify_until is 'For all purposes but data at rest, which is opened for ever.';
comment on column http.key.master_id is 'Which part of PLINTH_MASTER_KEY wraps it (AES-256-GCM).';
grant select, insert, update on http.key to plinth_app;

create table http.idempotency (
  tenant_id    uuid not null,
  actor_id     text not null check (length(actor_id) <= 64),
  operation    text not null,
  key          text not null check (length(key) between 1 and 255),
  fingerprint  bytea not null,
  status       smallint,
  headers      jsonb,
  body         bytea,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz not null,
  primary key (tenant_id, actor_id, operation, key)
) with (fillfactor = 70);
create index idempotency_expires_at on http.idempotency (expires_at);
comment on column http.idempotency.actor_id is 'A user''s or an API key''s id.';
comment on column http.idempotency.fingerprint is 'SHA-256 of method, route, parameters and body in canonical form.';
comment on column http.idempotency.body is 'Null: over 256 KiB, read again by Location.';
alter table http.idempotency enable row level security;
alter table http.idempotency force row level security;
create policy tenant on http.idempotency
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
grant select, insert, update, delete on http.idempotency to plinth_app;

-- The purge runs for all tenants; this role sees nothing else of them.
grant usage on schema http to plinth_worker;
grant select, delete on http.idempotency to plinth_worker;
create policy worker on http.idempotency to plinth_worker using (true);

-- phase: expand
create schema identity;
create schema identity_api;
grant usage on schema identity to plinth_app, plinth_search;
grant usage on schema identity_api to plinth_app;

-- A company that sends invoices. Its row is its own: the key is the tenant itself.
create table identity.tenant (
  tenant_id    uuid primary key default current_setting('app.tenant')::uuid,
  version      bigint not null default 1,
  name         text not null check (length(name) between 1 and 200),
  legal_name   text check (length(legal_name) between 1 and 200),
  vat_id       text check (length(vat_id) between 1 and 32),
  street       text check (length(street) between 1 and 200),
  postal_code  text check (length(postal_code) between 1 and 20),
  city         text check (length(city) between 1 and 100),
  country      text check (country ~ '^[A-Z]{2}$'),
  email        text check (length(email) between 3 and 254),
  phone        text check (length(phone) between 1 and 40),
  iban         text check (length(iban) between 14 and 34),
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  zone         text not null check (length(zone) between 1 and 64),     -- IANA
  locale       text not null check (length(locale) between 2 and 35),   -- BCP 47
  created_at   timestamptz not null
);
alter table identity.tenant enable row level security;
alter table identity.tenant force row level security;
create policy tenant on identity.tenant
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);

-- A person. One account may belong to several tenants, so it is no tenant's row: what a tenant may see of it
-- is the view identity_api.member.
create table identity.account (
  id              uuid primary key,
  version         bigint not null default 1,
  email           text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name            text not null check (length(name) between 1 and 200),
  password_hash   text not null check (length(password_hash) between 20 and 500),   -- PHC string
  locale          text check (length(locale) between 2 and 35),                     -- null: the tenant's
  zone            text check (length(zone) between 1 and 64),
  totp_secret     text,                          -- sealed under purpose data; asked for once totp_since is set
  totp_since      timestamptz,
  totp_step       bigint not null default 0,     -- the last step that was used: a code works once
  recovery_hashes bytea[] not null default '{}', -- SHA-256 of the codes that are left
  last_tenant_id  uuid,                          -- where the last session ended
  created_at      timestamptz not null
);

create table identity.membership (
  tenant_id  uuid not null default current_setting('app.tenant')::uuid references identity.tenant,
  user_id    uuid not null references identity.account,
  version    bigint not null default 1,
  role       text not null check (role in ('owner', 'accountant', 'clerk', 'viewer')),
  name       text not null check (length(name) between 1 and 200),              -- the account's, for the list
  name_key   text collate "C" not null generated always as (lower(name)) stored,
  email      text collate "C" not null check (length(email) between 3 and 254), -- likewise
  joined_at  timestamptz not null,
  primary key (tenant_id, user_id)
);
create index membership_user on identity.membership (user_id);
create index membership_name on identity.membership (tenant_id, name_key, user_id);
alter table identity.membership enable row level security;
alter table identity.membership force row level security;
create policy tenant on identity.membership
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);

create table identity.invitation (
  tenant_id   uuid not null default current_setting('app.tenant')::uuid references identity.tenant,
  id          uuid not null,
  email       text not null check (email = lower(email) and length(email) between 3 and 254),
  role        text not null check (role in ('owner', 'accountant', 'clerk', 'viewer')),
  token_hash  bytea not null,                   -- SHA-256: the token itself is shown once
  invited_by  uuid not null,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, email)
);
alter table identity.invitation enable row level security;
alter table identity.invitation force row level security;
create policy tenant on identity.invitation
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);

create table identity.api_key (
  tenant_id    uuid not null default current_setting('app.tenant')::uuid references identity.tenant,
  id           text collate "C" not null check (id ~ '^[0-9A-Za-z]{12}$'),
  name         text not null check (length(name) between 1 and 100),
  secret_hash  bytea not null,                  -- SHA-256
  permissions  text[] not null,
  created_by   uuid not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  primary key (tenant_id, id)
);
create unique index api_key_id on identity.api_key (id);
alter table identity.api_key enable row level security;
alter table identity.api_key force row level security;
create policy tenant on identity.api_key
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);

create table identity.preference (
  user_id  uuid primary key references identity.account,
  version  bigint not null default 1,
  entries  jsonb not null check (octet_length(entries::text) <= 131072)
);

grant select, insert, update on identity.tenant, identity.account, identity.preference to plinth_app;
grant select, insert, update, delete on identity.membership, identity.invitation to plinth_app;
grant select, insert, update on identity.api_key to plinth_app;

-- Signing in and API keys come before the tenant is known. These two functions look across tenants, by the
-- whole key alone, and give no more than the one who holds it may know.
create policy sign_in on identity.membership for select to plinth_search using (true);
create policy sign_in on identity.tenant for select to plinth_search using (true);
create policy sign_in on identity.api_key for select to plinth_search using (true);
grant select on identity.membership, identity.tenant, identity.api_key to plinth_search;

create function identity.memberships_of(owner_id uuid)
  returns table (tenant_id uuid, name text, currency text, zone text, locale text, role text)
  language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select m.tenant_id, c.name, c.currency, c.zone, c.locale, m.role
    from identity.membership m
    join identity.tenant c on c.tenant_id = m.tenant_id
    where m.user_id = owner_id
    order by c.name, m.tenant_id
    limit 1000;
end $$;

create function identity.find_api_key(key_id text)
  returns table (tenant_id uuid, secret_hash bytea, permissions text[], created_by uuid,
                 creator_role text, expires_at timestamptz, revoked_at timestamptz)
  language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select k.tenant_id, k.secret_hash, k.permissions, k.created_by, m.role, k.expires_at, k.revoked_at
    from identity.api_key k
    left join identity.membership m on m.tenant_id = k.tenant_id and m.user_id = k.created_by
    where k.id = key_id;
end $$;

grant create on schema identity to plinth_search;
alter function identity.memberships_of(uuid) owner to plinth_search;
alter function identity.find_api_key(text) owner to plinth_search;
revoke create on schema identity from plinth_search;
revoke execute on function identity.memberships_of(uuid), identity.find_api_key(text) from public;
grant execute on function identity.memberships_of(uuid), identity.find_api_key(text) to plinth_app;

create view identity_api.tenant with (security_invoker = true) as
  select tenant_id as id, name, legal_name, vat_id, street, postal_code, city, country, email, phone, iban,
         currency, zone, locale
  from identity.tenant;

create view identity_api.member with (security_invoker = true) as
  select tenant_id, user_id, name, email, role, joined_at
  from identity.membership;

-- Who may stand behind an action: for the names in the audit trail.
create view identity_api.actor with (security_invoker = true) as
  select tenant_id, user_id::text as id, name from identity.membership
  union all
  select tenant_id, id, name from identity.api_key;

grant select on identity_api.tenant, identity_api.member, identity_api.actor to plinth_app;

-- phase: expand
-- The last entry of a tenant that was archived and dropped: the chain is followed from here.
create table audit.horizon (
  tenant_id uuid primary key default current_setting('app.tenant')::uuid,
  seq       bigint not null check (seq > 0),
  hash      bytea  not null check (length(hash) = 32)
);
alter table audit.horizon enable row level security;
alter table audit.horizon force row level security;
create policy tenant on audit.horizon
  using (tenant_id = current_setting('app.tenant')::uuid)
  with check (tenant_id = current_setting('app.tenant')::uuid);
create policy keep on audit.horizon to plinth_owner using (true) with check (true);
grant select on audit.horizon to plinth_app;
grant usage on schema audit to plinth_worker;

-- Called as the owner, with a month that is about to go.
create function audit.keep_horizon(month regclass) returns void language plpgsql as $$
begin
  execute format(
    'insert into audit.horizon as h (tenant_id, seq, hash)
     select distinct on (tenant_id) tenant_id, seq, hash from %s order by tenant_id, seq desc
     on conflict (tenant_id) do update set seq = excluded.seq, hash = excluded.hash where h.seq < excluded.seq', month);
end $$;
revoke execute on function audit.keep_horizon(regclass) from public;

insert into plinth.partition_policy (parent, premake, retain_months, before_drop)
values ('audit.entry', 3, 84, 'audit.keep_horizon');

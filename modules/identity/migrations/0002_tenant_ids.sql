-- phase: expand
-- What runs once a day for each company has to know which there are: their ids, and nothing else of them.
create function identity.tenant_ids(after uuid, rows_max int) returns setof uuid
  language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select c.tenant_id from identity.tenant c
    where c.tenant_id > after order by c.tenant_id limit least(rows_max, 1000);
end $$;

grant create on schema identity to plinth_search;
alter function identity.tenant_ids(uuid, int) owner to plinth_search;
revoke create on schema identity from plinth_search;
revoke execute on function identity.tenant_ids(uuid, int) from public;
grant execute on function identity.tenant_ids(uuid, int) to plinth_app;

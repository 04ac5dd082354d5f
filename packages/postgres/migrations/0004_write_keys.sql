-- phase: expand
-- Locks plinth.write_key for an instant. Who clears used keys away does so for all tenants.
-- allow: n-beside a policy of a role that the version before never takes for this table
create policy worker on plinth.write_key to plinth_worker using (true);
grant select, delete on plinth.write_key to plinth_worker;

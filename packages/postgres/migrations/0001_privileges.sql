-- phase: expand
-- Names are searched by trigrams, beside the tenant in one index.
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gin with schema public;

grant usage on schema plinth to plinth_app;
grant select on plinth.migration to plinth_app;

-- The seed inserts past row security, into whatever the modules make, and reads nothing.
alter default privileges grant usage on schemas to plinth_loader;
alter default privileges grant insert on tables to plinth_loader;
alter default privileges grant usage on sequences to plinth_loader;

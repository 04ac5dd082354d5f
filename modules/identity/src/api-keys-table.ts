import { sql, t } from '@plinth/postgres';

const role = t.enum('owner', 'accountant', 'clerk', 'viewer');

export const insertApiKey = sql(
  {
    id: t.text,
    name: t.text,
    secretHash: t.bytea,
    permissions: t.array(t.text),
    createdBy: t.uuid,
    now: t.instant,
    expiresAt: t.instant,
  },
  {},
)`
  insert into identity.api_key (id, name, secret_hash, permissions, created_by, created_at, expires_at)
  values (${'id'}, ${'name'}, ${'secretHash'}, ${'permissions'}, ${'createdBy'}, ${'now'}, ${'expiresAt'})`;

export const apiKeys = sql(
  {},
  {
    id: t.text,
    name: t.text,
    permissions: t.array(t.text),
    createdBy: t.uuid,
    createdAt: t.instant,
    expiresAt: t.instant,
    lastUsedAt: t.nullable(t.instant),
    revokedAt: t.nullable(t.instant),
  },
)`
  select id, name, permissions, created_by as "createdBy", created_at as "createdAt",
         expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"
  from identity.api_key
  order by created_at desc
  limit 500`;

/** Across tenants: the key says which it is of. `creatorRole` is null when the maker has left. */
export const findApiKey = sql(
  { id: t.text },
  {
    tenantId: t.uuid,
    secretHash: t.bytea,
    permissions: t.array(t.text),
    createdBy: t.uuid,
    creatorRole: t.nullable(role),
    expiresAt: t.instant,
    revokedAt: t.nullable(t.instant),
  },
)`
  select tenant_id as "tenantId", secret_hash as "secretHash", permissions, created_by as "createdBy",
         creator_role as "creatorRole", expires_at as "expiresAt", revoked_at as "revokedAt"
  from identity.find_api_key(${'id'})`;

export const revokeApiKey = sql({ id: t.text, now: t.instant }, { id: t.text })`
  update identity.api_key set revoked_at = ${'now'}
  where id = ${'id'} and revoked_at is null
  returning id`;

/** At most once a minute. */
export const touchApiKey = sql({ id: t.text, now: t.instant, before: t.instant }, {})`
  update identity.api_key set last_used_at = ${'now'}
  where id = ${'id'} and (last_used_at is null or last_used_at < ${'before'})`;

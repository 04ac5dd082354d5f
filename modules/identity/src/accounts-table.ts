import { sql, t } from '@plinth/postgres';

const columns = sql.fragment`
  id, version, email, name, password_hash as "passwordHash", locale, zone, totp_secret as "totpSecret",
  totp_since as "totpSince", totp_step as "totpStep", recovery_hashes as "recoveryHashes",
  last_tenant_id as "lastTenantId"`;
const row = {
  id: t.uuid,
  version: t.int8n,
  email: t.text,
  name: t.text,
  passwordHash: t.text,
  locale: t.nullable(t.text),
  zone: t.nullable(t.text),
  totpSecret: t.nullable(t.text),
  totpSince: t.nullable(t.instant),
  totpStep: t.int8n,
  recoveryHashes: t.array(t.bytea),
  lastTenantId: t.nullable(t.uuid),
};

export const accountByEmail = sql({ email: t.text }, row)`
  select ${columns} from identity.account where email = ${'email'}`;

export const accountById = sql({ id: t.uuid }, row)`
  select ${columns} from identity.account where id = ${'id'}`;

/** Holds the row until the end of the transaction: of two sign-ins with one code, the second sees it used. */
export const lockAccount = sql({ id: t.uuid }, row)`
  select ${columns} from identity.account where id = ${'id'} for no key update`;

/** No row: the address has an account already. */
export const insertAccount = sql(
  { id: t.uuid, email: t.text, name: t.text, passwordHash: t.text, now: t.instant },
  { id: t.uuid },
)`
  insert into identity.account (id, email, name, password_hash, created_at)
  values (${'id'}, ${'email'}, ${'name'}, ${'passwordHash'}, ${'now'})
  on conflict (email) do nothing
  returning id`;

export const savePassword = sql({ id: t.uuid, passwordHash: t.text }, {})`
  update identity.account set password_hash = ${'passwordHash'}, version = version + 1 where id = ${'id'}`;

export const saveProfile = sql(
  { id: t.uuid, name: t.text, locale: t.nullable(t.text), zone: t.nullable(t.text) },
  { version: t.int8n },
)`
  update identity.account
  set name = ${'name'}, locale = ${'locale'}, zone = ${'zone'}, version = version + 1
  where id = ${'id'}
  returning version`;

export const saveTotp = sql(
  {
    id: t.uuid,
    secret: t.nullable(t.text),
    since: t.nullable(t.instant),
    step: t.int8n,
    recoveryHashes: t.array(t.bytea),
  },
  {},
)`
  update identity.account
  set totp_secret = ${'secret'}, totp_since = ${'since'}, totp_step = ${'step'},
      recovery_hashes = ${'recoveryHashes'}, version = version + 1
  where id = ${'id'}`;

export const saveLastTenant = sql({ id: t.uuid, tenantId: t.uuid }, {})`
  update identity.account set last_tenant_id = ${'tenantId'}
  where id = ${'id'} and last_tenant_id is distinct from ${'tenantId'}`;

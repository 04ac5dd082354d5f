import { list, sql, t } from '@plinth/postgres';

const role = t.enum('owner', 'accountant', 'clerk', 'viewer');

export const memberList = list({
  name: 'identity.members',
  from: 'identity.membership m',
  id: 'm.user_id',
  select: sql.fragment`m.user_id as id, m.version, m.name, m.email, m.role, m.joined_at as "joinedAt"`,
  row: {
    id: t.uuid,
    version: t.int8n,
    name: t.text,
    email: t.text,
    role,
    joinedAt: t.instant,
  },
  fields: {
    name: {
      sql: 'm.name_key',
      type: 'text',
      fold: true,
      filter: true,
      sort: { index: 'membership_name' },
    },
    email: { sql: 'm.email', type: 'text', fold: true, filter: true, sort: true },
    role: {
      sql: 'm.role',
      type: 'enum',
      values: ['owner', 'accountant', 'clerk', 'viewer'],
      filter: true,
      sort: true,
    },
    joinedAt: { sql: 'm.joined_at', type: 'instant', filter: true, sort: true },
  },
  defaultSort: 'name',
});

/** Across tenants, by name: what a person may sign in to. */
export const membershipsOf = sql(
  { userId: t.uuid },
  {
    tenantId: t.uuid,
    name: t.text,
    currency: t.text,
    zone: t.text,
    locale: t.text,
    role,
  },
)`
  select tenant_id as "tenantId", name, currency, zone, locale, role
  from identity.memberships_of(${'userId'})`;

export const roleOf = sql({ userId: t.uuid }, { role }, { hot: true })`
  select role from identity.membership where user_id = ${'userId'}`;

export const lockMember = sql(
  { userId: t.uuid },
  { version: t.int8n, name: t.text, email: t.text, role },
)`
  select version, name, email, role from identity.membership where user_id = ${'userId'} for no key update`;

/** Read under the lock of the tenant's row: two owners cannot demote each other at once. */
export const countOwners = sql({}, { n: t.int8n })`
  select count(*) as n from identity.membership where role = 'owner'`;

/** No row: the user is a member already. */
export const insertMember = sql(
  { userId: t.uuid, role, name: t.text, email: t.text, now: t.instant },
  { userId: t.uuid },
)`
  insert into identity.membership (user_id, role, name, email, joined_at)
  values (${'userId'}, ${'role'}, ${'name'}, ${'email'}, ${'now'})
  on conflict (tenant_id, user_id) do nothing
  returning user_id as "userId"`;

export const saveRole = sql({ userId: t.uuid, role }, { version: t.int8n })`
  update identity.membership set role = ${'role'}, version = version + 1
  where user_id = ${'userId'}
  returning version`;

export const saveMemberName = sql({ userId: t.uuid, name: t.text }, {})`
  update identity.membership set name = ${'name'}, version = version + 1
  where user_id = ${'userId'} and name <> ${'name'}`;

export const deleteMember = sql({ userId: t.uuid }, {})`
  delete from identity.membership where user_id = ${'userId'}`;

export const isEmailMember = sql({ email: t.text }, { userId: t.uuid })`
  select user_id as "userId" from identity.membership where email = ${'email'}`;

import { sql, t } from '@plinth/postgres';

const role = t.enum('owner', 'accountant', 'clerk', 'viewer');

/** A second invitation of an address takes the first one's place. */
export const replaceInvitation = sql(
  {
    id: t.uuid,
    email: t.text,
    role,
    tokenHash: t.bytea,
    invitedBy: t.uuid,
    now: t.instant,
    expiresAt: t.instant,
  },
  {},
)`
  insert into identity.invitation (id, email, role, token_hash, invited_by, created_at, expires_at)
  values (${'id'}, ${'email'}, ${'role'}, ${'tokenHash'}, ${'invitedBy'}, ${'now'}, ${'expiresAt'})
  on conflict (tenant_id, email) do update
  set id = excluded.id, role = excluded.role, token_hash = excluded.token_hash,
      invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at`;

export const openInvitations = sql(
  { now: t.instant },
  {
    id: t.uuid,
    email: t.text,
    role,
    invitedBy: t.uuid,
    createdAt: t.instant,
    expiresAt: t.instant,
  },
)`
  select id, email, role, invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt"
  from identity.invitation
  where expires_at > ${'now'}
  order by created_at desc
  limit 500`;

export const invitationById = sql(
  { id: t.uuid, now: t.instant },
  { id: t.uuid, email: t.text, role, tokenHash: t.bytea },
)`
  select id, email, role, token_hash as "tokenHash"
  from identity.invitation
  where id = ${'id'} and expires_at > ${'now'}`;

/** No row: somebody was faster. */
export const takeInvitation = sql({ id: t.uuid }, { id: t.uuid })`
  delete from identity.invitation where id = ${'id'} returning id`;

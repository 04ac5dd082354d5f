import { z } from '@plinth/core/z';
import { list, sql, t } from '@plinth/postgres';

import { noticeTypes } from './shapes.ts';

const type = t.enum(...noticeTypes);
const objectType = t.enum('invoice', 'payment', 'import', 'user');
const details = t.json(z.record(z.string(), z.string()));
const role = t.enum('owner', 'accountant', 'clerk', 'viewer');

export const noticeList = list({
  name: 'notifications.notices',
  from: 'notifications.notice n',
  id: 'n.id',
  select: sql.fragment`
    n.id, n.version, n.type, n.object_type as "objectType", n.object_id as "objectId",
    n.details as "values", n.count, n.is_read as "read", n.created_at as "createdAt"`,
  row: {
    id: t.uuid,
    version: t.int8n,
    type,
    objectType,
    objectId: t.text,
    values: details,
    count: t.int4,
    read: t.bool,
    createdAt: t.instant,
  },
  fields: {
    /** Given by the module, to every query: one's own. */
    user: { sql: 'n.user_id', type: 'ref', filter: true },
    type: { sql: 'n.type', type: 'enum', values: noticeTypes, filter: true },
    read: { sql: 'n.is_read', type: 'bool', filter: true },
    createdAt: {
      sql: 'n.created_at',
      type: 'instant',
      filter: true,
      sort: { index: 'notice_created' },
    },
  },
  defaultSort: '-createdAt',
});

/** Who of these roles wants to be told of it. */
export const recipientsByRole = sql(
  { roles: t.array(role), type: t.text, except: t.text },
  { userId: t.uuid },
)`
  select m.user_id as "userId"
  from identity_api.member m
  left join notifications.preference p on p.user_id = m.user_id
  where m.role = any(${'roles'}) and m.user_id::text <> ${'except'}
    and not ${'type'} = any(coalesce(p.off, '{}'))
  order by m.user_id`;

/** The user, if still a member, and not of those who do not want to be told. */
export const recipientByUser = sql({ userId: t.uuid, type: t.text }, { userId: t.uuid })`
  select m.user_id as "userId"
  from identity_api.member m
  left join notifications.preference p on p.user_id = m.user_id
  where m.user_id = ${'userId'} and not ${'type'} = any(coalesce(p.off, '{}'))`;

/** One of a group that is there already is counted to it, and is unread again. */
export const insertNotices = sql(
  {
    id: t.array(t.uuid),
    userId: t.array(t.uuid),
    type: t.array(type),
    objectType: t.array(objectType),
    objectId: t.array(t.text),
    values: t.array(details),
    groupKey: t.array(t.nullable(t.text)),
    count: t.array(t.int4),
    now: t.instant,
  },
  { id: t.uuid, userId: t.uuid, type, objectId: t.text },
)`
  insert into notifications.notice as n
    (id, user_id, type, object_type, object_id, details, group_key, count, created_at)
  select g.*, ${'now'}
  from unnest(${'id'}::uuid[], ${'userId'}::uuid[], ${'type'}::text[], ${'objectType'}::text[], ${'objectId'}::text[], ${'values'}::jsonb[], ${'groupKey'}::text[],
              ${'count'}::int[]) g (id, user_id, type, object_type, object_id, details, group_key, count)
  order by g.user_id, g.group_key
  on conflict (tenant_id, user_id, group_key) where group_key is not null do update
  set count = n.count + excluded.count, object_id = excluded.object_id, details = excluded.details,
      read_at = null, created_at = excluded.created_at, version = n.version + 1
  returning n.id, n.user_id as "userId", n.type, n.object_id as "objectId"`;

export const countUnread = sql({ userId: t.uuid }, { n: t.int8n })`
  select count(*) as n
  from (select from notifications.notice where user_id = ${'userId'} and not is_read limit 101) unread`;

/** No row: it is not the user's. */
export const markRead = sql({ id: t.uuid, userId: t.uuid, now: t.instant }, { version: t.int8n })`
  update notifications.notice
  set version = version + case when is_read then 0 else 1 end, read_at = coalesce(read_at, ${'now'})
  where id = ${'id'} and user_id = ${'userId'}
  returning version`;

export const markAllRead = sql({ userId: t.uuid, now: t.instant }, {})`
  update notifications.notice
  set read_at = ${'now'}, version = version + 1
  where user_id = ${'userId'} and not is_read`;

export const preferenceOf = sql({ userId: t.uuid }, { version: t.int8n, off: t.array(t.text) })`
  select version, off from notifications.preference where user_id = ${'userId'}`;

export const savePreference = sql({ userId: t.uuid, off: t.array(t.text) }, { version: t.int8n })`
  insert into notifications.preference (user_id, off) values (${'userId'}, ${'off'})
  on conflict (tenant_id, user_id) do update
  set off = excluded.off, version = preference.version + 1
  returning version`;

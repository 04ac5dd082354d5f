import { sql, t } from '@plinth/postgres';

import { anyJson } from './json-codecs.ts';

const filters = {
  subscription: t.nullable(t.text),
  name: t.nullable(t.text),
  tenant: t.nullable(t.text),
  reason: t.nullable(t.text),
  before: t.nullable(t.timestamptz),
  ids: t.nullable(t.array(t.uuid)),
};

/** In the order of their deaths, from behind `afterAt` and `afterId`. */
export const deadPage = sql(
  { ...filters, afterAt: t.timestamptz, afterId: t.uuid, rows: t.int4 },
  {
    subscription: t.text,
    id: t.uuid,
    name: t.text,
    version: t.int4,
    key: t.text,
    tenant: t.nullable(t.text),
    at: t.instant,
    attempts: t.int2,
    reason: t.enum('failed', 'permanent', 'bad-body', 'lane-full', 'beyond-inbox-window'),
    error: t.text,
    diedAt: t.instant,
    cursor: t.timestamptz,
    body: t.nullable(anyJson),
  },
  { name: 'messaging.dead_page' },
)`
  select s.name as subscription, x.id, x.name, coalesce((x.event ->> 'version')::smallint, 0) as version,
    coalesce(x.event ->> 'key', '') as key, x.tenant, x.at, x.attempts, x.reason, x.error,
    x.died_at as "diedAt", date_trunc('milliseconds', x.died_at) as cursor, x.event -> 'body' as body
  from plinth.dead x join plinth.subscription s on s.sub = x.sub
  where (${'subscription'}::text is null or s.name = ${'subscription'})
    and (${'name'}::text is null or x.name = ${'name'})
    and (${'tenant'}::text is null or x.tenant = ${'tenant'})
    and (${'reason'}::text is null or x.reason = ${'reason'})
    and (${'before'}::timestamptz is null or x.died_at < ${'before'})
    and (${'ids'}::uuid[] is null or x.id = any (${'ids'}))
    and (date_trunc('milliseconds', x.died_at), x.id) > (${'afterAt'}::timestamptz, ${'afterId'}::uuid)
  order by date_trunc('milliseconds', x.died_at), x.id
  limit ${'rows'}`;

/** Back to where they came from, ahead of later held ones of their key. Moved once, however often it is asked. */
export const redriveDead = sql(
  { ...filters, rows: t.int4 },
  { sub: t.int2, id: t.uuid },
  { name: 'messaging.redrive' },
)`
  with chosen as (
    select x.sub, x.id from plinth.dead x join plinth.subscription s on s.sub = x.sub
    where (${'subscription'}::text is null or s.name = ${'subscription'})
      and (${'name'}::text is null or x.name = ${'name'})
      and (${'tenant'}::text is null or x.tenant = ${'tenant'})
      and (${'reason'}::text is null or x.reason = ${'reason'})
      and (${'before'}::timestamptz is null or x.died_at < ${'before'})
      and (${'ids'}::uuid[] is null or x.id = any (${'ids'}))
    order by x.src, x.seq limit ${'rows'} for update of x skip locked),
  x as (
    delete from plinth.dead d using chosen c where d.sub = c.sub and d.id = c.id returning d.*),
  sent as (
    insert into plinth.delivery
      (sub, part, src, seq, at, id, lane, held, redriven, attempt, due, first_at, event)
    select sub, part, src, seq, at, id, lane, true, true, 0, now(), first_at, event from x
    on conflict do nothing)
  select sub, id from x`;

/** The inbox says that they were handled: a late double does not run. */
export const discardDead = sql(
  { ids: t.array(t.uuid) },
  { sub: t.int2, id: t.uuid },
  { name: 'messaging.discard' },
)`
  with x as (delete from plinth.dead where id = any (${'ids'}) returning sub, id, at),
  i as (
    insert into plinth.inbox (id, sub) select id, sub from x
    where to_regclass('plinth.inbox_' || to_char(at at time zone 'UTC', 'YYYYMMDD')) is not null
    on conflict do nothing)
  select sub, id from x`;

export const auditAction = sql(
  {
    actor: t.text,
    action: t.text,
    sub: t.nullable(t.int2),
    ids: t.nullable(t.array(t.uuid)),
    filter: t.nullable(anyJson),
    why: t.nullable(t.text),
    batch: t.nullable(t.uuid),
  },
  {},
  { name: 'messaging.audit' },
)`
  insert into plinth.message_audit (actor, action, sub, ids, filter, why, batch)
  values (${'actor'}, ${'action'}, ${'sub'}, ${'ids'}, ${'filter'}, ${'why'}, ${'batch'})`;

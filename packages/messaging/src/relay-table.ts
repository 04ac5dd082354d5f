import { sql, t, type Out } from '@plinth/postgres';

import { anyJson } from './json-codecs.ts';

const sent = {
  seq: t.int8,
  part: t.int2,
  at: t.instant,
  id: t.uuid,
  lane: t.text,
  name: t.text,
  version: t.int2,
  key: t.nullable(t.text),
  tenant: t.nullable(t.text),
  meta: anyJson,
  body: anyJson,
};
/** An event of a page. */
export type SentRow = Out<typeof sent>;

/** A page for brokers: with bodies, which leave the database here. */
export const readPage = sql({ rows: t.int4 }, sent, { name: 'messaging.read_page' })`
  select o.seq, o.part, o.at, o.id, coalesce(o.tenant || ' ' || o.key, o.key, o.id::text) as lane,
    o.name, o.version, o.key, o.tenant, o.meta, o.body
  from plinth.outbox o, plinth.relay r
  where o.seq > r.after and o.seq <= r.hi
    and not pg_visible_in_snapshot(o.tx, r.prev) and pg_visible_in_snapshot(o.tx, r.cur)
  order by o.seq limit ${'rows'}::integer`;

/** Who hears what, and whose queue is whole. */
export const routes = sql(
  {},
  {
    sub: t.int2,
    name: t.text,
    events: t.array(t.text),
    part: t.int2,
    bound: t.nullable(t.text),
  },
  { name: 'messaging.routes' },
)`
  select s.sub, s.name, s.events, l.part, l.bound
  from plinth.subscription s join plinth.lease l on l.sub = s.sub`;

/** For parts without a whole queue: their owner finds it here once it has made one. */
export const holdSent = sql(
  { subs: t.array(t.int2), seqs: t.array(t.int8), ats: t.array(t.timestamptz), src: t.int2 },
  {},
  { name: 'messaging.hold_sent' },
)`
  insert into plinth.delivery (sub, part, src, seq, at, id, lane, held, due)
  select u.sub, o.part, ${'src'}::smallint, o.seq, o.at, o.id,
    coalesce(o.tenant || ' ' || o.key, o.key, o.id::text), true, now()
  from unnest(${'subs'}::smallint[], ${'seqs'}::bigint[], ${'ats'}::timestamptz[]) as u (sub, seq, at)
  join plinth.outbox o on o.at = u.at and o.seq = u.seq
  order by o.seq, u.sub
  on conflict do nothing`;

/** Nothing is published to it, and nothing of it that is held runs, until its owner has made it anew. */
export const unbindQueues = sql(
  { subs: t.array(t.int2), parts: t.array(t.int2) },
  {},
  { name: 'messaging.unbind_queues' },
)`
  update plinth.lease l set bound = null
  from unnest(${'subs'}::smallint[], ${'parts'}::smallint[]) as u (sub, part)
  where l.sub = u.sub and l.part = u.part`;

/** Behind a page; one that was not full was the batch's last. */
export const moveOn = sql(
  { last: t.nullable(t.int8), isLast: t.bool },
  {},
  { name: 'messaging.move_on' },
)`
  update plinth.relay set after = coalesce(${'last'}::bigint, after),
    prev = case when ${'isLast'} then cur else prev end,
    cur = case when ${'isLast'} then null else cur end`;

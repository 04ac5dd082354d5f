import type { Position } from '@plinth/core';
import { sql, t, type Out } from '@plinth/postgres';

import { anyJson } from './json-codecs.ts';

const message = {
  sub: t.int2,
  part: t.int2,
  pos: t.int8,
  src: t.int2,
  seq: t.int8,
  at: t.instant,
  id: t.uuid,
  lane: t.text,
  attempt: t.int2,
  redriven: t.bool,
  name: t.nullable(t.text),
  version: t.nullable(t.int2),
  key: t.nullable(t.text),
  tenant: t.nullable(t.text),
  meta: t.nullable(anyJson),
  body: t.nullable(anyJson),
};
/** A row of `plinth.delivery` with its event; the event's columns are null if it is nowhere to be found. */
export type MessageRow = Out<typeof message>;

/** An event on its way to its subscriber: a row of the table, or carried here by a broker. */
export interface Inbound extends MessageRow {
  /** Not below its commit; undefined where nobody has asked yet. */
  readonly seen?: Position | undefined;
  /** It stands in no table; `pos` means nothing. */
  readonly carried?: {
    /** Of the event, for the table where it must wait. */
    readonly stored: unknown;
    ack(): void;
  };
}

const columns = sql.fragment`d.sub, d.part, d.pos, d.src, d.seq, d.at, d.id, d.lane, d.attempt, d.redriven,
  coalesce(o.name, d.event ->> 'name') as name,
  coalesce(o.version, (d.event ->> 'version')::smallint) as version,
  coalesce(o.key, d.event ->> 'key') as key,
  coalesce(o.tenant, d.event ->> 'tenant') as tenant,
  coalesce(o.meta, d.event -> 'meta') as meta,
  coalesce(o.body, d.event -> 'body') as body`;
/** A look-up a row, whatever the planner thinks of the sizes. */
const joinEvent = sql.fragment`left join lateral (
    select * from plinth.outbox o where o.at = d.at and o.seq = d.seq limit 1) o on d.event is null`;

/**
 * What came since `floors`, a page for each lease, in the order of `subs`. Safe for pos alone: the relay's
 * transactions follow one another. The look-ups are nested loops by construction, so the limit cuts the
 * leases at the end, and each lease's rows from behind.
 */
export const freshMessages = sql(
  {
    subs: t.array(t.int2),
    parts: t.array(t.int2),
    floors: t.array(t.int8),
    limits: t.array(t.int4),
    rows: t.int4,
    bound: t.nullable(t.text),
  },
  message,
  { name: 'messaging.fresh' },
)`
  select ${columns}
  from unnest(${'subs'}::smallint[], ${'parts'}::smallint[], ${'floors'}::bigint[], ${'limits'}::integer[])
    as u (sub, part, floor, rows)
  join plinth.lease l on l.sub = u.sub and l.part = u.part and l.bound is not distinct from ${'bound'}
  cross join lateral (
    select * from plinth.delivery f
    where f.sub = u.sub and f.part = u.part and not f.held and f.pos > u.floor
    order by f.pos limit u.rows) d
  ${joinEvent}
  limit ${'rows'}`;

/** Lanes whose head is due. Skips from lane to lane: a lane of many held rows costs as much as one of few. */
export const dueHeads = sql(
  { subs: t.array(t.int2), parts: t.array(t.int2), rows: t.int4, bound: t.nullable(t.text) },
  { sub: t.int2, part: t.int2, lane: t.text },
  { name: 'messaging.due_heads' },
)`
  select u.sub, u.part, h.lane
  from unnest(${'subs'}::smallint[], ${'parts'}::smallint[]) as u (sub, part)
  join plinth.subscription s on s.sub = u.sub
  join plinth.lease l on l.sub = u.sub and l.part = u.part and l.bound is not distinct from ${'bound'}
  cross join lateral (
    with recursive lanes as (
      (select f.lane from plinth.delivery f
       where f.sub = u.sub and f.part = u.part and f.held order by f.lane limit 1)
      union all
      select (select f.lane from plinth.delivery f
        where f.sub = u.sub and f.part = u.part and f.held and f.lane > l.lane order by f.lane limit 1)
      from lanes l where l.lane is not null)
    select l.lane from lanes l cross join lateral (
      select f.due from plinth.delivery f
      where f.sub = u.sub and f.part = u.part and f.held and f.lane = l.lane
      order by f.src, f.seq limit 1) f
    where l.lane is not null and f.due <= now()
      and not (s.block and exists (
        select from plinth.dead x where x.sub = u.sub and x.part = u.part and x.lane = l.lane))) h
  limit ${'rows'}`;

/** Lanes that wait for a failed, a redriven or a dead event: what a new owner must know before it runs anything. */
export const blockedLanes = sql(
  { subs: t.array(t.int2), parts: t.array(t.int2) },
  { sub: t.int2, part: t.int2, lane: t.text },
  { name: 'messaging.blocked_lanes' },
)`
  select distinct u.sub, u.part, f.lane
  from unnest(${'subs'}::smallint[], ${'parts'}::smallint[]) as u (sub, part)
  join plinth.delivery f on f.sub = u.sub and f.part = u.part and f.held
  union
  select u.sub, u.part, x.lane
  from unnest(${'subs'}::smallint[], ${'parts'}::smallint[]) as u (sub, part)
  join plinth.subscription s on s.sub = u.sub and s.block
  join plinth.dead x on x.sub = u.sub and x.part = u.part`;

/** The first event of a blocked lane. None: it is free again. */
export const laneHead = sql(
  { sub: t.int2, part: t.int2, lane: t.text, bound: t.nullable(t.text) },
  { ...message, ready: t.bool },
  { name: 'messaging.lane_head' },
)`
  select ${columns}, d.due <= now() and exists (
    select from plinth.lease l
    where l.sub = d.sub and l.part = d.part and l.bound is not distinct from ${'bound'}) as ready
  from plinth.delivery d ${joinEvent}
  where d.sub = ${'sub'} and d.part = ${'part'} and d.lane = ${'lane'} and d.held
  order by d.src, d.seq limit 1`;

export const hasBlockingDead = sql(
  { sub: t.int2, part: t.int2, lane: t.text },
  { blocked: t.bool },
  { name: 'messaging.has_blocking_dead' },
)`
  select s.block and exists (
    select from plinth.dead x where x.sub = s.sub and x.part = ${'part'} and x.lane = ${'lane'}) as blocked
  from plinth.subscription s where s.sub = ${'sub'}`;

const fence = { sub: t.int2, part: t.int2, owner: t.text, epoch: t.int8 };

/**
 * Takes events for handling, in the transaction of their effects. No row: a double, fenced, or its queue is
 * not whole. \`run\` false: a double.
 */
export const claimMessages = sql(
  { ...fence, pos: t.array(t.int8), bound: t.nullable(t.text) },
  { pos: t.int8, run: t.bool },
  { name: 'messaging.claim' },
)`
  with d as (
    delete from plinth.delivery
    where sub = ${'sub'} and part = ${'part'} and pos = any (${'pos'}) and exists (
      select from plinth.lease
      where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'}
        and bound is not distinct from ${'bound'})
    returning id, pos),
  i as (
    insert into plinth.inbox (id, sub) select id, ${'sub'} from d order by id
    on conflict do nothing returning id)
  select d.pos, i.id is not null as run from d left join i using (id)`;

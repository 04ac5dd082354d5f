import { sql, t } from '@plinth/postgres';

/** Under the relay's lock: no page is written between the list of subscriptions and the first of them. */
export const registerSubscription = sql(
  { name: t.text, events: t.array(t.text), block: t.bool, retained: t.bool },
  { sub: t.int2, isNew: t.bool },
  { name: 'messaging.register' },
)`
  insert into plinth.subscription (sub, name, events, block, since)
  select coalesce(max(s.sub), 0) + 1, ${'name'}, ${'events'}, ${'block'},
    (select prev from plinth.relay where not ${'retained'})
  from plinth.subscription s
  on conflict (name) do update set events = excluded.events, block = excluded.block
  returning sub, xmax = 0 as "isNew"`;

export const makeLeases = sql({ sub: t.int2 }, {}, { name: 'messaging.make_leases' })`
  insert into plinth.lease (sub, part) select ${'sub'}, part from generate_series(0, 15) as part
  on conflict do nothing`;

/**
 * Everything of its events that was sent before, for a subscription that begins with what is retained, or
 * begins again. Under the relay's lock, as rows of a page.
 */
export const sendRetained = sql(
  { sub: t.int2, src: t.int2, from: t.timestamptz, held: t.bool },
  { rows: t.int8n },
  { name: 'messaging.send_retained' },
)`
  with sent as (
    insert into plinth.delivery (sub, part, src, seq, at, id, lane, held, due)
    select s.sub, o.part, ${'src'}::smallint, o.seq, o.at, o.id,
      coalesce(o.tenant || ' ' || o.key, o.key, o.id::text), ${'held'}, now()
    from plinth.relay r, plinth.subscription s, plinth.outbox o
    where s.sub = ${'sub'} and o.name = any (s.events) and o.at >= ${'from'}
      and (pg_visible_in_snapshot(o.tx, r.prev)
        or r.cur is not null and pg_visible_in_snapshot(o.tx, r.cur) and o.seq <= r.after)
      and not exists (select from plinth.inbox i where i.id = o.id and i.sub = s.sub)
      and not exists (select from plinth.dead x where x.id = o.id and x.sub = s.sub)
      and not exists (select from plinth.delivery d where d.sub = s.sub and d.part = o.part and d.id = o.id)
    order by o.seq
    on conflict do nothing
    returning 1)
  select count(*) as rows from sent`;

/** So that what was handled is handled again. */
export const forgetHandled = sql(
  { sub: t.int2, from: t.timestamptz },
  {},
  { name: 'messaging.forget_handled' },
)`
  delete from plinth.inbox i using plinth.outbox o, plinth.subscription s
  where s.sub = ${'sub'} and i.sub = s.sub and i.id = o.id and o.at >= ${'from'} and o.name = any (s.events)`;

export const subscriptionsState = sql(
  {},
  {
    sub: t.int2,
    name: t.text,
    pausedBy: t.nullable(t.text),
    pausedWhy: t.nullable(t.text),
  },
  { name: 'messaging.subscriptions_state' },
)`select sub, name, paused_by as "pausedBy", paused_why as "pausedWhy" from plinth.subscription`;

export const setPause = sql(
  { name: t.text, by: t.nullable(t.text), why: t.nullable(t.text) },
  { sub: t.int2 },
  { name: 'messaging.set_pause' },
)`
  update plinth.subscription set paused_by = ${'by'}, paused_why = ${'why'} where name = ${'name'} returning sub`;

/** What each subscription has yet to handle. */
export const subscriptionBacklogs = sql(
  {},
  {
    subscription: t.text,
    pending: t.int8n,
    held: t.int8n,
    dead: t.int8n,
    lagSeconds: t.float8,
    blockedLanes: t.int8n,
    pausedBy: t.nullable(t.text),
    pausedWhy: t.nullable(t.text),
  },
  { name: 'messaging.backlogs' },
)`
  select s.name as subscription, coalesce(d.pending, 0) as pending, h.held,
    (select count(*) from plinth.dead x where x.sub = s.sub) as dead,
    coalesce(greatest(extract(epoch from now() - d.oldest), 0), 0)::float8 as "lagSeconds",
    h.lanes as "blockedLanes", s.paused_by as "pausedBy", s.paused_why as "pausedWhy"
  from plinth.subscription s
  left join (
    select sub, count(*) as pending, min(at) as oldest from plinth.delivery group by sub) d on d.sub = s.sub
  cross join lateral (
    select count(*) as held, count(distinct lane) as lanes
    from plinth.delivery where sub = s.sub and held) h
  order by s.name`;

/** Whether anything is still to be handled by a subscription that is not paused. */
export const isAnythingLeft = sql({}, { left: t.bool }, { name: 'messaging.is_anything_left' })`
  select exists (
    select from plinth.subscription s
    where s.paused_by is null and exists (select from plinth.delivery d where d.sub = s.sub)) as "left"`;

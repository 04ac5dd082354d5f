import { sql, t } from '@plinth/postgres';

const fence = { sub: t.int2, part: t.int2, owner: t.text, epoch: t.int8 };

/** What was sent to the table waits in order of the lanes, as everything that is not from a queue. */
export const holdAll = sql(fence, {}, { name: 'messaging.hold_all' })`
  update plinth.delivery d set held = true, due = coalesce(d.due, now())
  where d.sub = ${'sub'} and d.part = ${'part'} and not d.held and exists (
    select from plinth.lease l
    where l.sub = d.sub and l.part = d.part and l.owner = ${'owner'} and l.epoch = ${'epoch'})`;

/**
 * Everything of a part that was sent and is neither handled, dead nor waiting: a queue that is lost, left or
 * made anew held it. Under the relay's lock.
 */
export const repairPart = sql({ ...fence, src: t.int2 }, {}, { name: 'messaging.repair_part' })`
  insert into plinth.delivery (sub, part, src, seq, at, id, lane, held, due)
  select s.sub, o.part, ${'src'}::smallint, o.seq, o.at, o.id,
    coalesce(o.tenant || ' ' || o.key, o.key, o.id::text), true, now()
  from plinth.relay r, plinth.subscription s, plinth.lease l, plinth.outbox o
  where s.sub = ${'sub'} and l.sub = s.sub and l.part = ${'part'}
    and l.owner = ${'owner'} and l.epoch = ${'epoch'}
    and o.part = l.part and o.name = any (s.events)
    and pg_visible_in_snapshot(o.tx, coalesce(r.cur, r.prev))
    and (s.since is null or not pg_visible_in_snapshot(o.tx, s.since))
    and not exists (select from plinth.inbox i where i.id = o.id and i.sub = s.sub)
    and not exists (select from plinth.dead x where x.id = o.id and x.sub = s.sub)
    and not exists (select from plinth.delivery d where d.sub = s.sub and d.part = o.part and d.id = o.id)
  order by o.seq
  on conflict do nothing`;

/** No row: the part is another owner's. */
export const markBound = sql(
  { ...fence, bound: t.nullable(t.text), cursor: t.nullable(t.text) },
  { part: t.int2 },
  { name: 'messaging.mark_bound' },
)`
  update plinth.lease set bound = ${'bound'}, cursor = ${'cursor'}
  where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'}
  returning part`;

/** So that whoever reads next begins there. */
export const keepCursor = sql({ ...fence, cursor: t.text }, {}, { name: 'messaging.keep_cursor' })`
  update plinth.lease set cursor = ${'cursor'}
  where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} and bound is not null`;

/** The owner finds its queue gone. */
export const unbindPart = sql(fence, {}, { name: 'messaging.unbind_part' })`
  update plinth.lease set bound = null
  where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'}`;

/** Of this owner's parts. */
export const boundParts = sql(
  { owner: t.text },
  { sub: t.int2, part: t.int2, bound: t.nullable(t.text) },
  { name: 'messaging.bound_parts' },
)`select sub, part, bound from plinth.lease where owner = ${'owner'}`;

/** Sent, and neither handled, dead nor waiting in the table: it is in a queue. A look at all that is retained. */
export const carriedBacklog = sql(
  {},
  { subscription: t.text, pending: t.int8n, lagSeconds: t.float8 },
  { name: 'messaging.carried_backlog' },
)`
  select s.name as subscription, count(*) as pending,
    coalesce(greatest(extract(epoch from now() - min(o.at)), 0), 0)::float8 as "lagSeconds"
  from plinth.relay r, plinth.subscription s
  join plinth.lease l on l.sub = s.sub and l.bound is not null
  join plinth.outbox o on o.part = l.part and o.name = any (s.events)
  where pg_visible_in_snapshot(o.tx, coalesce(r.cur, r.prev))
    and (s.since is null or not pg_visible_in_snapshot(o.tx, s.since))
    and not exists (select from plinth.inbox i where i.id = o.id and i.sub = s.sub)
    and not exists (select from plinth.dead x where x.id = o.id and x.sub = s.sub)
    and not exists (select from plinth.delivery d where d.sub = s.sub and d.part = o.part and d.id = o.id)
  group by s.name`;

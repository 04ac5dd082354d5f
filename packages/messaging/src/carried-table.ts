import { sql, t } from '@plinth/postgres';

import { anyJson } from './json-codecs.ts';

const fence = { sub: t.int2, part: t.int2, owner: t.text, epoch: t.int8 };

/**
 * Takes events from a broker for handling, in the transaction of their effects. An id that is not returned
 * is a double, dead, or fenced.
 */
export const claimCarried = sql(
  { ...fence, ids: t.array(t.uuid) },
  { id: t.uuid },
  { name: 'messaging.claim_carried' },
)`
  insert into plinth.inbox (id, sub)
  select u.id, l.sub from unnest(${'ids'}::uuid[]) as u (id), plinth.lease l
  where l.sub = ${'sub'} and l.part = ${'part'} and l.owner = ${'owner'} and l.epoch = ${'epoch'}
    and not exists (select from plinth.dead x where x.sub = l.sub and x.id = u.id)
  order by u.id
  on conflict do nothing
  returning id`;

/** Events from a broker behind a failed one: they wait in the table. Gives how many do, none if the lease is lost. */
export const holdCarried = sql(
  { ...fence, lane: t.text, rows: anyJson },
  { held: t.int8n },
  { name: 'messaging.hold_carried' },
)`
  with l as (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} for share),
  h as (
    insert into plinth.delivery (sub, part, src, seq, at, id, lane, held, due, event)
    select ${'sub'}, ${'part'}, m.src, m.seq, m.at, m.id, ${'lane'}, true, now(), m.event
    from jsonb_to_recordset(${'rows'}) as m (src smallint, seq bigint, at timestamptz, id uuid, event jsonb)
    where exists (select from l)
      and not exists (select from plinth.inbox i where i.sub = ${'sub'} and i.id = m.id)
      and not exists (select from plinth.dead x where x.sub = ${'sub'} and x.id = m.id)
    order by m.seq
    on conflict do nothing
    returning 1)
  select (select count(*) from h) + (
    select count(*) from plinth.delivery
    where sub = ${'sub'} and part = ${'part'} and lane = ${'lane'} and held) as held
  from l`;

const one = { ...fence, lane: t.text, row: anyJson };

/** As \`retryMessage\`, for an event that no table has yet. */
export const retryCarried = sql(
  { ...one, attempts: t.int2, delayMs: t.int8n, error: t.text },
  { id: t.uuid },
  { name: 'messaging.retry_carried' },
)`
  with l as (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} for share)
  insert into plinth.delivery
    (sub, part, src, seq, at, id, lane, held, attempt, due, first_at, error, event)
  select ${'sub'}, ${'part'}, m.src, m.seq, m.at, m.id, ${'lane'}, true, ${'attempts'},
    now() + ${'delayMs'} * interval '1 ms', now(), ${'error'}, m.event
  from jsonb_to_record(${'row'}) as m (src smallint, seq bigint, at timestamptz, id uuid, event jsonb)
  where exists (select from l)
    and not exists (select from plinth.inbox i where i.sub = ${'sub'} and i.id = m.id)
    and not exists (select from plinth.dead x where x.sub = ${'sub'} and x.id = m.id)
  on conflict do nothing
  returning id`;

/** As \`buryMessage\`, for an event that no table has yet. */
export const buryCarried = sql(
  { ...one, attempts: t.int2, reason: t.text, error: t.text },
  { id: t.uuid },
  { name: 'messaging.bury_carried' },
)`
  with l as (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} for share)
  insert into plinth.dead
    (sub, id, src, seq, part, lane, at, name, tenant, attempts, reason, error, first_at, event)
  select ${'sub'}, m.id, m.src, m.seq, ${'part'}, ${'lane'}, m.at, m.event ->> 'name', m.event ->> 'tenant',
    ${'attempts'}, ${'reason'}, ${'error'}, now(), m.event
  from jsonb_to_record(${'row'}) as m (src smallint, seq bigint, at timestamptz, id uuid, event jsonb)
  where exists (select from l)
    and not exists (select from plinth.inbox i where i.sub = ${'sub'} and i.id = m.id)
  on conflict (sub, id) do nothing
  returning id`;

/** Still to be handled, and by us: asked before an effect that no rollback takes back. */
export const isOpen = sql(
  { ...fence, id: t.uuid },
  { open: t.bool },
  { name: 'messaging.is_open' },
)`
  select exists (
      select from plinth.lease
      where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'})
    and not exists (select from plinth.inbox i where i.sub = ${'sub'} and i.id = ${'id'})
    and not exists (select from plinth.dead x where x.sub = ${'sub'} and x.id = ${'id'}) as open`;

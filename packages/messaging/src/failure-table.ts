import { sql, t } from '@plinth/postgres';

const fence = { sub: t.int2, part: t.int2, owner: t.text, epoch: t.int8 };

/**
 * Events behind a failed one wait in the table. A takeover waits for the lease's row, or has fenced us already.
 *
 * Gives how many wait now; none if the lease is lost.
 */
export const holdMessages = sql(
  { ...fence, lane: t.text, pos: t.array(t.int8) },
  { held: t.int8n },
  { name: 'messaging.hold' },
)`
  with l as (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} for share),
  h as (
    update plinth.delivery set held = true, due = now()
    where sub = ${'sub'} and part = ${'part'} and pos = any (${'pos'}) and exists (select from l)
    returning 1)
  select (select count(*) from h) + (
    select count(*) from plinth.delivery
    where sub = ${'sub'} and part = ${'part'} and lane = ${'lane'} and held) as held
  from l`;

/** An event that failed waits until it is due; \`attempt\` 0: it has not counted. No row: fenced, or handled. */
export const retryMessage = sql(
  { ...fence, pos: t.int8, attempts: t.int2, delayMs: t.int8n, error: t.text },
  { pos: t.int8 },
  { name: 'messaging.retry' },
)`
  with l as (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} for share)
  update plinth.delivery
  set held = true, attempt = attempt + ${'attempts'}, due = now() + ${'delayMs'} * interval '1 ms',
    first_at = coalesce(first_at, now()), error = ${'error'}
  where sub = ${'sub'} and part = ${'part'} and pos = ${'pos'} and exists (select from l)
  returning pos`;

/** No further attempt: it waits for a person. */
export const buryMessage = sql(
  { ...fence, pos: t.int8, attempts: t.int2, reason: t.text, error: t.text },
  { id: t.uuid },
  { name: 'messaging.bury' },
)`
  with l as (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'} for share),
  d as (
    delete from plinth.delivery
    where sub = ${'sub'} and part = ${'part'} and pos = ${'pos'} and exists (select from l)
    returning *)
  insert into plinth.dead (sub, id, src, seq, part, lane, at, name, tenant, attempts, reason, error, first_at, event)
  select d.sub, d.id, d.src, d.seq, d.part, d.lane, d.at,
    coalesce(o.name, d.event ->> 'name', 'unknown'), coalesce(o.tenant, d.event ->> 'tenant'),
    d.attempt + ${'attempts'}, ${'reason'}, ${'error'}, coalesce(d.first_at, now()),
    coalesce(d.event, jsonb_build_object('name', o.name, 'version', o.version, 'key', o.key,
      'tenant', o.tenant, 'meta', o.meta, 'body', o.body))
  from d left join plinth.outbox o on d.event is null and o.at = d.at and o.seq = d.seq
  on conflict (sub, id) do nothing
  returning id`;

import { sql, t } from '@plinth/postgres';

const lease = { sub: t.int2, part: t.int2, epoch: t.int8 };
const taken = { ...lease, bound: t.nullable(t.text), cursor: t.nullable(t.text) };

/** Also forgets those who were silent for a minute. */
export const beat = sql({ owner: t.text }, {}, { name: 'messaging.beat' })`
  with gone as (delete from plinth.consumer where beat < now() - interval '60 s' and id <> ${'owner'})
  insert into plinth.consumer (id, beat) values (${'owner'}, now())
  on conflict (id) do update set beat = now()`;

/** How many leases each of those who are there should have. */
export const leaseShare = sql(
  { subs: t.array(t.int2), ttlMs: t.int4 },
  { share: t.int8n },
  { name: 'messaging.lease_share' },
)`
  select ceil(count(*)::numeric / greatest((
    select count(*) from plinth.consumer where beat > now() - ${'ttlMs'} * interval '1 ms'), 1))::bigint as share
  from plinth.lease where sub = any (${'subs'})`;

/**
 * Of those that the process knows to be its own only: one that it took or gave back without hearing the answer
 * would stay its own for ever, and nobody would read it. Nobody waits for a row: a stopped process may hold it.
 */
export const renewLeases = sql(
  {
    owner: t.text,
    subs: t.array(t.int2),
    parts: t.array(t.int2),
    epochs: t.array(t.int8),
    ttlMs: t.int4,
  },
  lease,
  { name: 'messaging.renew_leases' },
)`
  with mine as (
    select l.sub, l.part from plinth.lease l
    join unnest(${'subs'}::smallint[], ${'parts'}::smallint[], ${'epochs'}::bigint[]) as h (sub, part, epoch)
      on h.sub = l.sub and h.part = l.part and h.epoch = l.epoch
    where l.owner = ${'owner'} and l.until >= now() for no key update of l skip locked)
  update plinth.lease l set until = now() + ${'ttlMs'} * interval '1 ms'
  from mine where l.sub = mine.sub and l.part = mine.part
  returning l.sub, l.part, l.epoch`;

/** Free ones, and those whose time is over. The epoch refuses whoever had it before. */
export const takeLeases = sql(
  { owner: t.text, subs: t.array(t.int2), rows: t.int4, ttlMs: t.int4 },
  taken,
  { name: 'messaging.take_leases' },
)`
  with free as (
    select sub, part from plinth.lease where sub = any (${'subs'}) and until < now()
    order by part, sub limit ${'rows'} for no key update skip locked)
  update plinth.lease l
  set owner = ${'owner'}, epoch = l.epoch + 1, until = now() + ${'ttlMs'} * interval '1 ms'
  from free where l.sub = free.sub and l.part = free.part
  returning l.sub, l.part, l.epoch, l.bound, l.cursor`;

export const releaseLease = sql(
  { ...lease, owner: t.text },
  {},
  { name: 'messaging.release_lease' },
)`
  update plinth.lease set owner = null, until = '-infinity'
  where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'}`;

export const releaseAll = sql({ owner: t.text }, {}, { name: 'messaging.release_all' })`
  with gone as (delete from plinth.consumer where id = ${'owner'})
  update plinth.lease set owner = null, until = '-infinity' where owner = ${'owner'}`;

export const isLeaseHeld = sql(
  { ...lease, owner: t.text },
  { held: t.bool },
  { name: 'messaging.is_lease_held' },
)`
  select exists (
    select from plinth.lease
    where sub = ${'sub'} and part = ${'part'} and owner = ${'owner'} and epoch = ${'epoch'}) as held`;

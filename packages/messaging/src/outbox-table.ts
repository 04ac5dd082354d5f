import { sql, t } from '@plinth/postgres';

import { jsonText } from './json-codecs.ts';

/** Everything a transaction publishes, in one call: it leaves in the commit's flight. */
export const publishEvents = sql(
  { events: jsonText, locks: t.array(t.text), days: t.array(t.date) },
  { done: t.text },
  { name: 'messaging.publish' },
)`select plinth.publish(${'events'}, ${'locks'}, ${'days'}) as done`;

/**
 * No row: another process relays. A statement of its own, so that the next one's snapshot is taken under the lock.
 * A process that is stopped while it holds the lock loses its session after 5 s.
 */
export const lockRelay = sql(
  {},
  { idle: t.bool, foreign: t.bool, timeout: t.text },
  { name: 'messaging.lock_relay' },
)`
  select cur is null as idle,
    system_id <> (select system_identifier from pg_control_system())
      or pg_snapshot_xmax(prev) > pg_snapshot_xmax(pg_current_snapshot()) as foreign,
    set_config('idle_in_transaction_session_timeout', '5s', true) as timeout
  from plinth.relay for update skip locked`;

/** Waits for the relay: registering, replaying and repairing are its own kind of work. */
export const waitForRelay = sql({}, { idle: t.bool }, { name: 'messaging.wait_for_relay' })`
  select cur is null as idle from plinth.relay for update`;

/**
 * A batch: the rows that are visible now and were not in the last batch's snapshot. Two index probes find
 * them in time proportional to their number, and no long transaction holds them up.
 */
export const openBatch = sql({}, { lo: t.nullable(t.int8) }, { name: 'messaging.open_batch' })`
  with n as (
    select o.seq from plinth.relay r join lateral (
      select seq from plinth.outbox where tx >= pg_snapshot_xmax(r.prev)
      union all
      select seq from plinth.outbox where tx = any (array(select pg_snapshot_xip(r.prev)))) o on true),
  b as (select min(seq) as lo, max(seq) as hi from n)
  update plinth.relay set lo = b.lo, hi = b.hi, after = b.lo - 1,
    cur = case when b.lo is null then null else pg_current_snapshot() end,
    prev = case when b.lo is null then pg_current_snapshot() else prev end
  from b returning b.lo`;

/** One page of the batch to every subscription of its events; a page that is not full is the batch's last. */
export const sendPage = sql(
  { src: t.int2, rows: t.int4 },
  { events: t.int8n, rows: t.int8n },
  { name: 'messaging.send_page' },
)`
  with page as materialized (
    select o.seq, o.part, o.at, o.id, o.key, o.tenant, o.name
    from plinth.outbox o, plinth.relay r
    where o.seq > r.after and o.seq <= r.hi
      and not pg_visible_in_snapshot(o.tx, r.prev) and pg_visible_in_snapshot(o.tx, r.cur)
    order by o.seq limit ${'rows'}::integer),
  n as (select count(*) as events, max(seq) as last from page),
  sent as (
    insert into plinth.delivery (sub, part, src, seq, at, id, lane)
    select s.sub, p.part, ${'src'}::smallint, p.seq, p.at, p.id,
      coalesce(p.tenant || ' ' || p.key, p.key, p.id::text)
    from page p join plinth.subscription s on p.name = any (s.events)
    order by p.seq, s.sub
    returning 1),
  moved as (
    update plinth.relay set after = coalesce(n.last, after),
      prev = case when n.events < ${'rows'}::integer then cur else prev end,
      cur = case when n.events < ${'rows'}::integer then null else cur end
    from n)
  select n.events, (select count(*) from sent) as rows from n`;

/** Committed and not yet sent. */
export const outboxBacklog = sql(
  {},
  { pending: t.int8n, lagSeconds: t.float8 },
  { name: 'messaging.outbox_backlog' },
)`
  with n as (
    select o.seq, o.at from plinth.relay r join lateral (
      select seq, at, tx from plinth.outbox where tx >= pg_snapshot_xmax(r.prev)
      union all
      select seq, at, tx from plinth.outbox where tx = any (array(select pg_snapshot_xip(r.prev)))) o
      on r.cur is null or not pg_visible_in_snapshot(o.tx, r.cur) or o.seq > r.after)
  select count(*) as pending,
    coalesce(greatest(extract(epoch from now() - min(at)), 0), 0)::float8 as "lagSeconds"
  from n`;

export const rebaseOutbox = sql({}, { moved: t.int8n }, { name: 'messaging.rebase' })`
  select plinth.rebase_outbox() as moved`;

/** The partitions of the day before and the seven days ahead. */
export const makeDays = sql({}, { made: t.bool }, { name: 'messaging.make_days' })`
  select plinth.make_message_day((now() at time zone 'UTC')::date + ahead) as made
  from generate_series(-1, 7) as ahead`;

export const dropDay = sql(
  { outboxDays: t.int4, inboxDays: t.int4 },
  { dropped: t.nullable(t.bool) },
  { name: 'messaging.drop_day' },
)`select plinth.drop_message_day(${'outboxDays'}, ${'inboxDays'}) as dropped`;

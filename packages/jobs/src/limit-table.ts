import { sql, t } from '@plinth/postgres';

import { claimedRow } from './claim-table.ts';

/** To the end of the transaction: nobody else claims from this queue. */
export const lockQueue = sql({ queue: t.text }, {})`
  select pg_advisory_xact_lock(1886151023, hashtext(${'queue'}))`;

/** How many more may run in the whole queue. */
export const roomOfQueue = sql({ queue: t.text }, { room: t.int8n })`
  select coalesce((select running_max from plinth.job_limit where queue = ${'queue'} and tenant = ''),
    2147483647) - (select count(*) from plinth.job where queue = ${'queue'} and state = 2) as room`;

/** What a tenant `s` may still run: its own limit, or that of each, less what it runs. */
const room = sql.fragment`
  select coalesce(
    (select l.running_max from plinth.job_limit l where l.queue = q.queue and l.tenant = s.tenant),
    (select l.running_max from plinth.job_limit l where l.queue = q.queue and l.tenant = '*'),
    2147483647) - coalesce((select b.running from busy b where b.tenant = s.tenant), 0) as room`;

/**
 * As `claimJobs`, for a queue with limits, after `lockQueue`: the skip-scan steps over tenants that have no room,
 * without a look at their rows.
 */
export const claimWithin = sql(
  {
    queue: t.text,
    band: t.int2,
    after: t.text,
    slots: t.int4,
    names: t.array(t.text),
    worker: t.uuid,
  },
  claimedRow,
)`
  with recursive q as (select ${'queue'}::text as queue),
  busy as (
    select tenant, count(*) as running from plinth.job
    where queue = ${'queue'} and state = 2 group by tenant),
  t as (
    (select s.tenant, r.room, (r.room > 0)::int as n
     from q cross join lateral (
       select tenant from plinth.job
       where state = 1 and queue = q.queue and band = ${'band'} and tenant > ${'after'}
       order by tenant limit 1) s
     cross join lateral (${room}) r)
    union all
    select s.tenant, r.room, t.n + (r.room > 0)::int
    from t cross join q cross join lateral (
      select j.tenant from plinth.job j
      where j.state = 1 and j.queue = q.queue and j.band = ${'band'} and j.tenant > t.tenant
      order by j.tenant limit 1) s
    cross join lateral (${room}) r
    where t.n < least(64, ${'slots'})),
  c as (
    select j.id, t.n, row_number() over (partition by t.tenant order by j.run_at, j.id) as rn
    from t cross join lateral (
      select id, run_at from plinth.job
      where state = 1 and queue = ${'queue'} and band = ${'band'} and tenant = t.tenant
        and name = any(${'names'})
      order by run_at, id
      limit (select least(t.room, greatest(1, ceil(${'slots'}::numeric / count(*)))::bigint)
        from t as fair where fair.room > 0)
      for update skip locked) j
    where t.room > 0)
  update plinth.job j
  set state = 2, epoch = epoch + 1, attempt = attempt + 1, worker = ${'worker'}, claimed = now(),
    uniq = case when uniq_queued then null else uniq end
  from (select id from c order by rn, n limit ${'slots'}) p
  where j.id = p.id
  returning j.id, j.queue, j.tenant, j.name, j.attempt, j.max_attempts as "attemptsMax", j.epoch,
    extract(epoch from now() - j.run_at)::float8 * 1000 as "waitedMs", j.input, j.meta`;

const limit = { queue: t.text, tenant: t.text };

export const setLimit = sql({ ...limit, runningMax: t.int4 }, {})`
  insert into plinth.job_limit (queue, tenant, running_max)
  values (${'queue'}, ${'tenant'}, ${'runningMax'})
  on conflict (queue, tenant) do update set running_max = excluded.running_max`;

export const removeLimit = sql(limit, {})`
  delete from plinth.job_limit where queue = ${'queue'} and tenant = ${'tenant'}`;

export const listLimits = sql({}, { queue: t.text, tenant: t.text, runningMax: t.int4 })`
  select queue, tenant, running_max as "runningMax" from plinth.job_limit order by queue, tenant`;

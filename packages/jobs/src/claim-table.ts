import { sql, t } from '@plinth/postgres';

import { failure, json, meta } from './codecs.ts';

/** Sees the jobs of all tenants, to the end of this transaction. */
export const asWorker = sql({}, {})`set local role plinth_worker`;

/** What a claim must know of its queue first. */
export const findQueue = sql({ queue: t.text }, { isPaused: t.bool, isLimited: t.bool })`
  select exists (select from plinth.job_pause where queue = ${'queue'}) as "isPaused",
    exists (select from plinth.job_limit where queue = ${'queue'}) as "isLimited"`;

/** A job as its worker has it. */
export const claimedRow = {
  id: t.uuid,
  queue: t.text,
  tenant: t.text,
  name: t.text,
  attempt: t.int2,
  attemptsMax: t.int2,
  epoch: t.int8n,
  waitedMs: t.float8,
  input: json,
  meta,
};

/**
 * Fair between tenants: a skip-scan finds those with ready jobs behind the last one served, at most 64, and each
 * gives its oldest in turn. What others hold is skipped.
 */
export const claimJobs = sql(
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
  with recursive t as (
    (select tenant, 1 as n from plinth.job
     where state = 1 and queue = ${'queue'} and band = ${'band'} and tenant > ${'after'}
     order by tenant limit 1)
    union all
    select (select j.tenant from plinth.job j
            where j.state = 1 and j.queue = ${'queue'} and j.band = ${'band'} and j.tenant > t.tenant
            order by j.tenant limit 1), n + 1
    from t where t.tenant is not null and n < least(64, ${'slots'})),
  c as (
    select j.id, t.n, row_number() over (partition by t.tenant order by j.run_at, j.id) as rn
    from t cross join lateral (
      select id, run_at from plinth.job
      where state = 1 and queue = ${'queue'} and band = ${'band'} and tenant = t.tenant
        and name = any(${'names'})
      order by run_at, id
      limit (select greatest(1, ceil(${'slots'}::numeric / count(tenant)))::int from t)
      for update skip locked) j
    where t.tenant is not null)
  update plinth.job j
  set state = 2, epoch = epoch + 1, attempt = attempt + 1, worker = ${'worker'}, claimed = now(),
    uniq = case when uniq_queued then null else uniq end
  from (select id from c order by rn, n limit ${'slots'}) p
  where j.id = p.id
  returning j.id, j.queue, j.tenant, j.name, j.attempt, j.max_attempts as "attemptsMax", j.epoch,
    extract(epoch from now() - j.run_at)::float8 * 1000 as "waitedMs", j.input, j.meta`;

const claim = { id: t.uuid, epoch: t.int8n };

/** Nothing that the caller commits with it is a loser's. No row: the claim was lost. */
export const lockClaim = sql(claim, { id: t.uuid })`
  select id from plinth.job
  where id = ${'id'} and epoch = ${'epoch'} and state = 2 for share`;

/** The columns that a job takes along when it ends. */
const kept = sql.fragment`id, queue, tenant, band, name, run_at, attempt, max_attempts, epoch, worker, input, meta, created`;

/** No row: the claim was lost. */
export const finishClaim = sql(claim, {})`
  with gone as (
    delete from plinth.job where id = ${'id'} and epoch = ${'epoch'} and state = 2 returning *)
  insert into plinth.job_done
    (${kept}, outcome, keep_until)
  select ${kept}, 'done', now() + (meta->>'keepDoneMs')::float8 * interval '1 ms'
  from gone`;

export const setResult = sql({ id: t.uuid, result: json }, {})`
  update plinth.job_done set result = ${'result'} where id = ${'id'}`;

/** Those that come back are done; the others were lost to another worker. */
export const completeJobs = sql(
  { ids: t.array(t.uuid), epochs: t.array(t.int8n), results: t.array(t.nullable(json)) },
  { id: t.uuid },
)`
  with ended as (
    select * from unnest(${'ids'}::uuid[], ${'epochs'}::bigint[], ${'results'}::jsonb[]) as each (id, epoch, result)),
  gone as (
    delete from plinth.job j using ended e
    where j.id = e.id and j.epoch = e.epoch and j.state = 2
    returning j.*, e.result),
  live as (delete from plinth.job_live l using gone where l.id = gone.id)
  insert into plinth.job_done
    (${kept}, outcome, keep_until, result)
  select ${kept}, 'done', now() + (meta->>'keepDoneMs')::float8 * interval '1 ms', result
  from gone returning id`;

/** One row: it will run again. */
export const rescheduleJob = sql({ ...claim, delayMs: t.float8, error: failure }, {})`
  update plinth.job
  set state = 0, run_at = now() + ${'delayMs'} * interval '1 ms', worker = null, lost = 0,
    error = ${'error'}
  where id = ${'id'} and epoch = ${'epoch'} and state = 2`;

/** Ends a claim as dead or cancelled. */
export const endClaim = sql({ ...claim, outcome: t.enum('dead', 'cancelled'), error: failure }, {})`
  with gone as (
    delete from plinth.job where id = ${'id'} and epoch = ${'epoch'} and state = 2 returning *)
  insert into plinth.job_done
    (${kept}, outcome, keep_until, error)
  select ${kept}, ${'outcome'},
    now() + (meta->>'keepDeadMs')::float8 * interval '1 ms', ${'error'}
  from gone`;

/** Gives jobs back as if they had not been claimed. */
export const returnJobs = sql({ ids: t.array(t.uuid), epochs: t.array(t.int8n) }, { id: t.uuid })`
  update plinth.job j set state = 1, worker = null, attempt = attempt - 1
  from unnest(${'ids'}::uuid[], ${'epochs'}::bigint[]) as each (id, epoch)
  where j.id = each.id and j.epoch = each.epoch and j.state = 2
  returning j.id`;

export const deleteLive = sql({ ids: t.array(t.uuid) }, {})`
  delete from plinth.job_live where id = any(${'ids'})`;

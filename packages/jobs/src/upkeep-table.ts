import { sql, t } from '@plinth/postgres';

/** One process at a time does each of these; whoever comes second does nothing. */
export const electMe = sql({ task: t.int4 }, { isElected: t.bool })`
  select pg_try_advisory_xact_lock(1886151022, ${'task'}) as "isElected"`;

export const promoteDue = sql({ rowsMax: t.int4 }, { id: t.uuid })`
  update plinth.job set state = 1 where id in (
    select id from plinth.job where state = 0 and run_at <= now()
    order by run_at limit ${'rowsMax'} for update skip locked)
  returning id`;

/** Workers that have not said anything for so long. */
export const findLostWorkers = sql({ silentMs: t.float8 }, { id: t.uuid })`
  select id from plinth.job_worker where beat < now() - ${'silentMs'} * interval '1 ms'
  union
  select distinct worker from plinth.job
  where state = 2 and worker is not null and claimed < now() - ${'silentMs'} * interval '1 ms'
    and not exists (select 1 from plinth.job_worker w where w.id = worker)`;

const lostColumns = sql.fragment`id, queue, tenant, band, name, run_at, attempt, max_attempts, epoch, worker, input, meta, created`;

/**
 * Ends what a lost worker may have died of: it was lost with this one the second time, with nothing else finished
 * since the claim; or its attempts are used up. A row that an open transaction holds waits for the next sweep.
 */
export const endLostJobs = sql({ worker: t.uuid }, { id: t.uuid, name: t.text, tenant: t.text })`
  with doomed as (
    select id from plinth.job j
    where state = 2 and worker = ${'worker'}
      and (attempt >= max_attempts or (lost >= 1 and not exists (
        select 1 from plinth.job_done d where d.finished > j.claimed and d.worker = j.worker)))
    for update skip locked),
  gone as (delete from plinth.job where id in (select id from doomed) returning *)
  insert into plinth.job_done
    (${lostColumns}, outcome, keep_until, error)
  select ${lostColumns}, 'dead', now() + (meta->>'keepDeadMs')::float8 * interval '1 ms',
    jsonb_build_object('code', case when lost >= 1 then 'jobs.suspect_crash' else 'jobs.lost' end,
      'message', case when lost >= 1 then 'It was running when its process died, twice.'
        else 'Its process died at the last attempt.' end)
  from gone returning id, name, tenant`;

export const returnLostJobs = sql({ worker: t.uuid }, { id: t.uuid })`
  update plinth.job
  set state = 1, worker = null, lost = lost + 1,
    error = '{"code": "jobs.lost", "message": "Its process died."}'
  where id in (
    select id from plinth.job where state = 2 and worker = ${'worker'} for update skip locked)
  returning id`;

/** Kept as long as a job names it: one that a transaction holds is found again. */
export const forgetWorker = sql({ worker: t.uuid }, {})`
  delete from plinth.job_worker w
  where id = ${'worker'}
    and not exists (select 1 from plinth.job j where j.state = 2 and j.worker = w.id)`;

export const deleteOldDone = sql({ rowsMax: t.int4 }, { id: t.uuid })`
  delete from plinth.job_done where id in (
    select id from plinth.job_done where keep_until < now()
    order by keep_until limit ${'rowsMax'} for update skip locked)
  returning id`;

/** Of jobs that ended while their last progress was being written. */
export const deleteOrphanLive = sql({ rowsMax: t.int4 }, {})`
  delete from plinth.job_live where id in (
    select id from plinth.job_live l
    where not exists (select from plinth.job j where j.id = l.id)
    limit ${'rowsMax'} for update skip locked)`;

export const deleteOldUnique = sql({ rowsMax: t.int4 }, {})`
  delete from plinth.job_unique where (name, tenant, uniq) in (
    select name, tenant, uniq from plinth.job_unique where until < now()
    order by until limit ${'rowsMax'} for update skip locked)`;

export const countReady = sql(
  {},
  { queue: t.text, band: t.int2, count: t.int8n, oldestMs: t.float8 },
)`
  select queue, band, count(*) as count,
    extract(epoch from now() - min(run_at))::float8 * 1000 as "oldestMs"
  from plinth.job where state = 1 group by queue, band`;

/** Begins a schedule, or begins it anew with another pattern. */
export const upsertSchedule = sql({ name: t.text, pattern: t.text, nextFire: t.timestamptz }, {})`
  insert into plinth.job_schedule as s (name, pattern, next_fire)
  values (${'name'}, ${'pattern'}, ${'nextFire'})
  on conflict (name) do update set pattern = excluded.pattern, next_fire = excluded.next_fire
  where s.pattern <> excluded.pattern`;

/** Held to the end of the transaction that inserts their jobs: two processes cannot fire one time twice. */
export const lockDueSchedules = sql(
  { names: t.array(t.text) },
  { name: t.text, pattern: t.text, nextFire: t.timestamptz, now: t.timestamptz },
)`
  select name, pattern, next_fire as "nextFire", now() as now from plinth.job_schedule
  where next_fire <= now() and name = any(${'names'})
  order by next_fire for update skip locked`;

export const moveSchedule = sql(
  { name: t.text, lastFire: t.timestamptz, nextFire: t.timestamptz },
  {},
)`
  update plinth.job_schedule set last_fire = ${'lastFire'}, next_fire = ${'nextFire'}
  where name = ${'name'}`;

export const pauseQueue = sql({ queue: t.text, by: t.text, why: t.text }, {})`
  insert into plinth.job_pause (queue, by, why) values (${'queue'}, ${'by'}, ${'why'})
  on conflict (queue) do update set by = excluded.by, why = excluded.why, since = now()`;

export const resumeQueue = sql(
  { queue: t.text },
  {},
)`delete from plinth.job_pause where queue = ${'queue'}`;

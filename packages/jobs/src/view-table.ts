import { sql, t } from '@plinth/postgres';

import { failure, json } from './codecs.ts';

/** Sorts behind every id. */
export const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export const viewRow = {
  id: t.uuid,
  tenant: t.text,
  name: t.text,
  queue: t.text,
  state: t.enum('scheduled', 'ready', 'running', 'done', 'cancelled', 'dead'),
  attempt: t.int2,
  attemptsMax: t.int2,
  epoch: t.int8n,
  fraction: t.nullable(t.float8),
  message: t.nullable(t.text),
  cancelling: t.bool,
  createdAt: t.instant,
  runAt: t.instant,
  finishedAt: t.nullable(t.instant),
  result: t.nullable(json),
  error: t.nullable(failure),
};

const waiting = sql.fragment`
  j.id, j.tenant, j.name, j.queue, (array['scheduled', 'ready', 'running'])[j.state + 1] as state, j.attempt,
  j.max_attempts as "attemptsMax", j.epoch, l.progress::float8 as fraction, l.message,
  coalesce(l.cancel, false) as cancelling, j.created as "createdAt", j.run_at as "runAt",
  null::timestamptz as "finishedAt", null::jsonb as result, j.error
  from plinth.job j left join plinth.job_live l on l.id = j.id`;

const ended = sql.fragment`
  d.id, d.tenant, d.name, d.queue, d.outcome as state, d.attempt,
  d.max_attempts as "attemptsMax", d.epoch, case when d.outcome = 'done' then 1 end::float8 as fraction,
  null as message, false as cancelling, d.created as "createdAt", d.run_at as "runAt",
  d.finished as "finishedAt", d.result, d.error
  from plinth.job_done d`;

export const findJob = sql({ id: t.uuid }, viewRow)`
  select ${waiting} where j.id = ${'id'}
  union all
  select ${ended} where d.id = ${'id'}
  limit 1`;

/** Newest first. Ids are UUIDv7: in the order of their making. */
export const listJobs = sql(
  {
    after: t.uuid,
    name: t.nullable(t.text),
    queue: t.nullable(t.text),
    state: t.nullable(t.text),
    tenant: t.nullable(t.text),
    rowsMax: t.int4,
  },
  viewRow,
)`
  (select ${waiting}
   where j.id < ${'after'} and (${'name'}::text is null or j.name = ${'name'})
     and (${'queue'}::text is null or j.queue = ${'queue'})
     and (${'tenant'}::text is null or j.tenant = ${'tenant'})
     and (${'state'}::text is null
       or (array['scheduled', 'ready', 'running'])[j.state + 1] = ${'state'})
   order by j.id desc limit ${'rowsMax'})
  union all
  (select ${ended}
   where d.id < ${'after'} and (${'name'}::text is null or d.name = ${'name'})
     and (${'queue'}::text is null or d.queue = ${'queue'})
     and (${'tenant'}::text is null or d.tenant = ${'tenant'})
     and (${'state'}::text is null or d.outcome = ${'state'})
   order by d.id desc limit ${'rowsMax'})
  order by id desc limit ${'rowsMax'}`;

/** None: it runs, or has ended. */
export const cancelWaiting = sql({ id: t.uuid, error: failure }, { name: t.text, tenant: t.text })`
  with gone as (delete from plinth.job where id = ${'id'} and state in (0, 1) returning *)
  insert into plinth.job_done
    (id, queue, tenant, band, name, run_at, attempt, max_attempts, epoch, worker, input, meta,
     created, outcome, keep_until, error)
  select id, queue, tenant, band, name, run_at, attempt, max_attempts, epoch, worker, input, meta,
    created, 'cancelled', now() + (meta->>'keepDoneMs')::float8 * interval '1 ms', ${'error'}
  from gone returning name, tenant`;

/** Dead jobs begin anew, without their unique key. */
export const reviveDead = sql({ ids: t.array(t.uuid) }, { id: t.uuid })`
  with gone as (
    delete from plinth.job_done where id = any(${'ids'}) and outcome = 'dead' returning *)
  insert into plinth.job
    (id, queue, tenant, band, name, run_at, state, max_attempts, epoch, input, meta, error, created)
  select id, queue, tenant, band, name, now(), 1, max_attempts, epoch, input, meta, error, created
  from gone returning id`;

import { sql, t } from '@plinth/postgres';

import { json } from './codecs.ts';

export const insertWorker = sql({ id: t.uuid, host: t.text, slots: json }, {})`
  insert into plinth.job_worker (id, host, slots) values (${'id'}, ${'host'}, ${'slots'})
  on conflict (id) do update set beat = now()`;

export const deleteWorker = sql(
  { id: t.uuid },
  {},
)`delete from plinth.job_worker where id = ${'id'}`;

/** None: a sweeper took this process for dead. */
export const beat = sql(
  { id: t.uuid },
  {},
)`update plinth.job_worker set beat = now() where id = ${'id'}`;

/** What has become of the jobs that this process runs. Reads only: a handler may hold the rows. */
export const findClaims = sql(
  { ids: t.array(t.uuid) },
  { id: t.uuid, epoch: t.nullable(t.int8n), isCancelled: t.bool },
)`
  select each.id, case when j.state = 2 then j.epoch end as epoch,
    coalesce(l.cancel, false) as "isCancelled"
  from unnest(${'ids'}::uuid[]) as each (id)
  left join plinth.job j on j.id = each.id
  left join plinth.job_live l on l.id = each.id`;

export const saveProgress = sql(
  {
    ids: t.array(t.uuid),
    tenants: t.array(t.text),
    epochs: t.array(t.int8n),
    fractions: t.array(t.nullable(t.float8)),
    messages: t.array(t.nullable(t.text)),
  },
  {},
)`
  insert into plinth.job_live as l (id, tenant, epoch, progress, message)
  select id, tenant, epoch, fraction, message
  from unnest(${'ids'}::uuid[], ${'tenants'}::text[], ${'epochs'}::bigint[], ${'fractions'}::float8[],
      ${'messages'}::text[]) as each (id, tenant, epoch, fraction, message)
  where exists (
    select from plinth.job j where j.id = each.id and j.epoch = each.epoch and j.state = 2)
  order by id
  on conflict (id) do update
  set progress = excluded.progress, message = excluded.message, epoch = excluded.epoch
  where l.epoch <= excluded.epoch`;

/** None: a later attempt has the job, or it has ended. */
export const saveCheckpoint = sql(
  { id: t.uuid, tenant: t.text, epoch: t.int8n, checkpoint: json },
  {},
)`
  insert into plinth.job_live as l (id, tenant, epoch, checkpoint)
  select id, ${'tenant'}, epoch, ${'checkpoint'} from plinth.job
  where id = ${'id'} and epoch = ${'epoch'} and state = 2
  on conflict (id) do update set checkpoint = excluded.checkpoint, epoch = excluded.epoch
  where l.epoch <= excluded.epoch`;

export const findCheckpoint = sql({ id: t.uuid }, { checkpoint: t.nullable(json) })`
  select checkpoint from plinth.job_live where id = ${'id'}`;

export const askToCancel = sql({ id: t.uuid, tenant: t.text, epoch: t.int8n }, {})`
  insert into plinth.job_live (id, tenant, epoch, cancel)
  values (${'id'}, ${'tenant'}, ${'epoch'}, true)
  on conflict (id) do update set cancel = true`;

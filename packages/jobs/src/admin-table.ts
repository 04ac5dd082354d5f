import { sql, t } from '@plinth/postgres';

import { json } from './codecs.ts';

export const auditAct = sql(
  {
    actor: t.text,
    action: t.enum('cancel', 'retry', 'run', 'pause', 'resume', 'limit'),
    tenant: t.text,
    queue: t.nullable(t.text),
    schedule: t.nullable(t.text),
    ids: t.nullable(t.array(t.uuid)),
    detail: t.nullable(json),
    why: t.nullable(t.text),
  },
  {},
)`
  insert into plinth.job_audit (actor, action, tenant, queue, schedule, ids, detail, why)
  values (${'actor'}, ${'action'}, ${'tenant'}, ${'queue'}, ${'schedule'}, ${'ids'}, ${'detail'},
    ${'why'})`;

/** Newest first. */
export const listActs = sql(
  { rowsMax: t.int4 },
  {
    at: t.instant,
    actor: t.text,
    action: t.text,
    queue: t.nullable(t.text),
    schedule: t.nullable(t.text),
    ids: t.nullable(t.array(t.uuid)),
    why: t.nullable(t.text),
  },
)`
  select at, actor, action, queue, schedule, ids, why from plinth.job_audit
  order by seq desc limit ${'rowsMax'}`;

/** Of all tenants. */
export const queuesState = sql(
  {},
  {
    queue: t.text,
    scheduled: t.int8n,
    ready: t.int8n,
    running: t.int8n,
    dead: t.int8n,
    oldestSeconds: t.float8,
    pausedBy: t.nullable(t.text),
    pausedWhy: t.nullable(t.text),
  },
)`
  with open as (
    select queue, count(*) filter (where state = 0) as scheduled,
      count(*) filter (where state = 1) as ready, count(*) filter (where state = 2) as running,
      extract(epoch from now() - min(run_at) filter (where state = 1))::float8 as oldest
    from plinth.job group by queue),
  ended as (
    select queue, count(*) filter (where outcome = 'dead') as dead from plinth.job_done
    group by queue),
  named as (
    select queue from open union select queue from ended union select queue from plinth.job_pause)
  select n.queue, coalesce(o.scheduled, 0) as scheduled, coalesce(o.ready, 0) as ready,
    coalesce(o.running, 0) as running, coalesce(e.dead, 0) as dead,
    greatest(0, coalesce(o.oldest, 0)) as "oldestSeconds", p.by as "pausedBy", p.why as "pausedWhy"
  from named n left join open o on o.queue = n.queue left join ended e on e.queue = n.queue
  left join plinth.job_pause p on p.queue = n.queue
  order by n.queue`;

/** Ids of dead jobs, oldest first; what another retry has in hand is left to it. */
export const lockDead = sql(
  {
    name: t.nullable(t.text),
    queue: t.nullable(t.text),
    tenant: t.nullable(t.text),
    rowsMax: t.int4,
  },
  { id: t.uuid },
)`
  select id from plinth.job_done
  where outcome = 'dead' and (${'name'}::text is null or name = ${'name'})
    and (${'queue'}::text is null or queue = ${'queue'})
    and (${'tenant'}::text is null or tenant = ${'tenant'})
  order by id limit ${'rowsMax'} for update skip locked`;

/** Due now; the times after it stay as they were. */
export const makeDue = sql({ name: t.text }, { name: t.text })`
  update plinth.job_schedule set next_fire = least(next_fire, now()) where name = ${'name'}
  returning name`;

export const listSchedules = sql(
  {},
  { name: t.text, pattern: t.text, lastFire: t.nullable(t.instant), nextFire: t.instant },
)`
  select name, pattern, last_fire as "lastFire", next_fire as "nextFire"
  from plinth.job_schedule order by name`;

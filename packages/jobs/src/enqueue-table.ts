import { sql, t } from '@plinth/postgres';

import { json, meta } from './codecs.ts';

const jobParams = {
  id: t.uuid,
  queue: t.text,
  tenant: t.text,
  band: t.int2,
  name: t.text,
  runAt: t.nullable(t.timestamptz),
  attemptsMax: t.int2,
  uniq: t.nullable(t.text),
  isUniqQueued: t.bool,
  input: json,
  meta,
};

/** None where the unique index has the key; waits for a transaction that is about to have it. */
export const insertJob = sql(jobParams, {})`
  insert into plinth.job
    (id, queue, tenant, band, name, run_at, state, max_attempts, uniq, uniq_queued, input, meta)
  values (${'id'}, ${'queue'}, ${'tenant'}, ${'band'}, ${'name'}, coalesce(${'runAt'}, now()),
    case when ${'runAt'} > now() then 0 else 1 end,
    ${'attemptsMax'}, ${'uniq'}, ${'isUniqQueued'}, ${'input'}, ${'meta'})
  on conflict (name, tenant, uniq) where uniq is not null and state in (0, 1, 2) do nothing`;

/** One statement for many; those whose key is taken are left out. */
export const insertJobs = sql(
  {
    ids: t.array(t.uuid),
    inputs: t.array(json),
    uniqs: t.array(t.nullable(t.text)),
    queue: t.text,
    tenant: t.text,
    band: t.int2,
    name: t.text,
    runAt: t.nullable(t.timestamptz),
    attemptsMax: t.int2,
    isUniqQueued: t.bool,
    meta,
  },
  { id: t.uuid },
)`
  insert into plinth.job
    (id, queue, tenant, band, name, run_at, state, max_attempts, uniq, uniq_queued, input, meta)
  select each.id, ${'queue'}, ${'tenant'}, ${'band'}, ${'name'}, coalesce(${'runAt'}, now()),
    case when ${'runAt'} > now() then 0 else 1 end,
    ${'attemptsMax'}, each.uniq, ${'isUniqQueued'}, each.input, ${'meta'}
  from unnest(${'ids'}::uuid[], ${'inputs'}::jsonb[], ${'uniqs'}::text[]) as each (id, input, uniq)
  on conflict (name, tenant, uniq) where uniq is not null and state in (0, 1, 2) do nothing
  returning id`;

const uniqueParams = { name: t.text, tenant: t.text, uniq: t.text };

export const findUnique = sql(uniqueParams, { id: t.uuid })`
  select id from plinth.job
  where name = ${'name'} and tenant = ${'tenant'} and uniq = ${'uniq'} and state in (0, 1, 2)`;

/**
 * Swaps the input of one that waits. Not by `on conflict do update`: that waits for a running handler's
 * transaction, whatever its where says.
 */
export const replaceWaiting = sql(
  { ...uniqueParams, input: json, runAt: t.nullable(t.timestamptz) },
  { id: t.uuid },
)`
  update plinth.job
  set input = ${'input'}, run_at = coalesce(${'runAt'}, now()),
    state = case when ${'runAt'} > now() then 0 else 1 end
  where state in (0, 1) and id = (
    select id from plinth.job
    where name = ${'name'} and tenant = ${'tenant'} and uniq = ${'uniq'} and state in (0, 1)
    for update skip locked)
  returning id`;

/** No row: another job has the key until later. */
export const takeUnique = sql({ ...uniqueParams, forMs: t.float8, id: t.uuid }, { job: t.uuid })`
  insert into plinth.job_unique as u (name, tenant, uniq, until, job)
  values (${'name'}, ${'tenant'}, ${'uniq'}, now() + ${'forMs'} * interval '1 ms', ${'id'})
  on conflict (name, tenant, uniq) do update set until = excluded.until, job = excluded.job
  where u.until < now()
  returning job`;

export const findTaken = sql(uniqueParams, { job: t.uuid })`
  select job from plinth.job_unique
  where name = ${'name'} and tenant = ${'tenant'} and uniq = ${'uniq'}`;

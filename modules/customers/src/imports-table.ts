import { z } from '@plinth/core/z';
import { sql, t } from '@plinth/postgres';

import { importField } from './shapes.ts';

const state = t.enum('uploaded', 'running', 'done', 'failed');
const separator = t.enum(',', ';', 'tab');
const encoding = t.enum('utf-8', 'utf-16le', 'utf-16be', 'windows-1252');
const sample = t.json(z.array(z.array(z.string())));
const mapping = t.json(z.partialRecord(importField, z.string()));
const defaults = t.json(
  z.object({ country: z.string().optional(), currency: z.string().optional() }),
);
const cells = t.json(z.partialRecord(importField, z.string()));

const columns = sql.fragment`
  id, state, blob, file_name as "fileName", encoding, separator, header, sample, mapping, defaults,
  started_by as "startedBy", job_id as "jobId", rows_read as "rowsRead", created, changed, unchanged, rejected,
  reason, created_at as "createdAt", finished_at as "finishedAt"`;
const row = {
  id: t.uuid,
  state,
  blob: t.text,
  fileName: t.text,
  encoding,
  separator,
  header: t.array(t.text),
  sample,
  mapping,
  defaults,
  startedBy: t.nullable(t.uuid),
  jobId: t.nullable(t.uuid),
  rowsRead: t.int4,
  created: t.int4,
  changed: t.int4,
  unchanged: t.int4,
  rejected: t.int4,
  reason: t.nullable(t.text),
  createdAt: t.instant,
  finishedAt: t.nullable(t.instant),
};

export const insertImport = sql(
  {
    id: t.uuid,
    blob: t.text,
    fileName: t.text,
    encoding,
    separator,
    header: t.array(t.text),
    sample,
    mapping,
    now: t.instant,
  },
  {},
)`
  insert into customers.import
    (id, state, blob, file_name, encoding, separator, header, sample, mapping, created_at)
  values (${'id'}, 'uploaded', ${'blob'}, ${'fileName'}, ${'encoding'}, ${'separator'}, ${'header'},
          ${'sample'}, ${'mapping'}, ${'now'})`;

export const importById = sql({ id: t.uuid }, row)`
  select ${columns} from customers.import where id = ${'id'}`;

/** Of two starts, the second sees that it runs. */
export const lockImport = sql({ id: t.uuid }, row)`
  select ${columns} from customers.import where id = ${'id'} for no key update`;

export const newestImports = sql({}, row)`
  select ${columns} from customers.import order by created_at desc limit 50`;

export const saveStarted = sql(
  { id: t.uuid, mapping, defaults, startedBy: t.nullable(t.uuid), jobId: t.uuid },
  {},
)`
  update customers.import
  set state = 'running', mapping = ${'mapping'}, defaults = ${'defaults'}, started_by = ${'startedBy'},
      job_id = ${'jobId'}
  where id = ${'id'}`;

/** Together with the rows that it counts: where a next attempt goes on. */
export const addProgress = sql(
  {
    id: t.uuid,
    rows: t.int4,
    created: t.int4,
    changed: t.int4,
    unchanged: t.int4,
    rejected: t.int4,
  },
  {},
)`
  update customers.import
  set rows_read = rows_read + ${'rows'}, created = created + ${'created'}, changed = changed + ${'changed'},
      unchanged = unchanged + ${'unchanged'}, rejected = rejected + ${'rejected'}
  where id = ${'id'}`;

export const saveFinished = sql(
  { id: t.uuid, state: t.enum('done', 'failed'), reason: t.nullable(t.text), now: t.instant },
  row,
)`
  update customers.import
  set state = ${'state'}, reason = ${'reason'}, finished_at = ${'now'}
  where id = ${'id'}
  returning ${columns}`;

export const insertRejects = sql(
  {
    importId: t.uuid,
    lines: t.array(t.int4),
    fields: t.array(t.text),
    headers: t.array(t.text),
    codes: t.array(t.text),
    reasons: t.array(t.text),
    cells: t.array(cells),
  },
  {},
)`
  insert into customers.import_reject (import_id, line, field, header, code, reason, cells)
  select ${'importId'}, g.*
  from unnest(${'lines'}::int[], ${'fields'}::text[], ${'headers'}::text[], ${'codes'}::text[], ${'reasons'}::text[], ${'cells'}::jsonb[]) g
  on conflict (tenant_id, import_id, line) do nothing`;

const rejectRow = {
  line: t.int4,
  header: t.text,
  code: t.text,
  reason: t.text,
  cells,
};

export const firstRejects = sql({ importId: t.uuid }, rejectRow)`
  select line, header, code, reason, cells from customers.import_reject
  where import_id = ${'importId'}
  order by line
  limit 200`;

export const allRejects = sql({ importId: t.uuid }, rejectRow)`
  select line, header, code, reason, cells from customers.import_reject
  where import_id = ${'importId'}
  order by line`;

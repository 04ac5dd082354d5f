import { sql, t } from '@plinth/postgres';

export const asWorker = sql({}, {})`set local role plinth_worker`;

export const insertUpload = sql(
  { content: t.uuid, tenant: t.text },
  {},
)`insert into plinth.blob_upload (content, tenant) values (${'content'}, ${'tenant'})`;

/** Also says that the upload is alive. */
export const insertChunk = sql(
  { content: t.uuid, tenant: t.text, number: t.int4, data: t.bytea },
  {},
)`
  with alive as (
    update plinth.blob_upload set written_at = now() where content = ${'content'} returning content
  )
  insert into plinth.blob_chunk (content, tenant, number, data)
  select content, ${'tenant'}, ${'number'}, ${'data'} from alive`;

export const deleteUpload = sql(
  { content: t.uuid },
  {},
)`delete from plinth.blob_upload where content = ${'content'}`;

export const deleteChunks = sql(
  { content: t.uuid },
  {},
)`delete from plinth.blob_chunk where content = ${'content'}`;

const blobParams = {
  key: t.text,
  tenant: t.text,
  content: t.uuid,
  type: t.text,
  bytes: t.int8n,
  sha256: t.bytea,
  expiresAt: t.nullable(t.timestamptz),
};

/** None where the key has one already; waits for another put of it. */
export const insertBlob = sql(blobParams, {})`
  insert into plinth.blob (key, tenant, content, type, bytes, sha256, expires_at)
  values (${'key'}, ${'tenant'}, ${'content'}, ${'type'}, ${'bytes'}, ${'sha256'}, ${'expiresAt'})
  on conflict (key) do nothing`;

/** Holds the blob that is replaced: of two puts of one key the second sees the first's content. */
export const lockContent = sql(
  { key: t.text },
  { content: t.uuid },
)`select content from plinth.blob where key = ${'key'} for update`;

export const updateBlob = sql(blobParams, {})`
  update plinth.blob
  set content = ${'content'}, type = ${'type'}, bytes = ${'bytes'}, sha256 = ${'sha256'},
    expires_at = ${'expiresAt'}, created_at = now()
  where key = ${'key'} and tenant = ${'tenant'}`;

export const deleteBlob = sql(
  { key: t.text },
  { content: t.uuid },
)`delete from plinth.blob where key = ${'key'} returning content`;

const blobRow = {
  key: t.text,
  content: t.uuid,
  type: t.text,
  bytes: t.int8n,
  sha256: t.bytea,
  expiresAt: t.nullable(t.timestamptz),
};
const blobColumns = sql.fragment`key, content, type, bytes, sha256, expires_at as "expiresAt"`;

export const findBlob = sql({ key: t.text, now: t.timestamptz }, blobRow)`
  select ${blobColumns} from plinth.blob
  where key = ${'key'} and (expires_at is null or expires_at > ${'now'})`;

/** `end` is the prefix with the last code point behind it: a range of the primary key. */
export const listBlobs = sql(
  { prefix: t.text, end: t.text, after: t.text, now: t.timestamptz, rowsMax: t.int4 },
  blobRow,
)`
  select ${blobColumns} from plinth.blob
  where key >= ${'prefix'} and key < ${'end'} and key > ${'after'}
    and (expires_at is null or expires_at > ${'now'})
  order by key limit ${'rowsMax'}`;

export const findChunk = sql(
  { content: t.uuid, number: t.int4 },
  { data: t.bytea },
)`select data from plinth.blob_chunk where content = ${'content'} and number = ${'number'}`;

/** A hundred a transaction. A row that a put holds is left for the next sweep. */
export const takeExpired = sql({ now: t.timestamptz }, { content: t.uuid })`
  delete from plinth.blob where key in (
    select key from plinth.blob where expires_at <= ${'now'}
    order by expires_at limit 100 for update skip locked
  ) returning content`;

export const takeIdleUploads = sql({ idle: t.interval }, { content: t.uuid })`
  delete from plinth.blob_upload where content in (
    select content from plinth.blob_upload where written_at < now() - ${'idle'}::interval
    order by written_at limit 100 for update skip locked
  ) returning content`;

export const deleteChunksOf = sql(
  { contents: t.array(t.uuid) },
  {},
)`delete from plinth.blob_chunk where content = any(${'contents'})`;

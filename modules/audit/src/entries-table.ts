import { list, sql, t } from '@plinth/postgres';

const actorKind = t.enum('user', 'key', 'system', 'operator', 'anonymous');
const row = {
  id: t.uuid,
  at: t.instant,
  seq: t.int8n,
  actorKind,
  actorId: t.text,
  actorName: t.text,
  action: t.text,
  module: t.text,
  objectId: t.text,
  reqId: t.text,
};
const columns = sql.fragment`
  e.id, e.at, e.seq, e.actor_kind as "actorKind", e.actor_id as "actorId", e.actor_name as "actorName",
  e.action, e.module, e.object_id as "objectId", e.req_id as "reqId"`;

export const entryList = list({
  name: 'audit.entries',
  from: 'audit.entry e',
  id: 'e.id',
  select: columns,
  row,
  fields: {
    at: { sql: 'e.at', type: 'instant', filter: true, sort: { index: 'entry_pkey' } },
    actor: { sql: 'e.actor_id', type: 'text', filter: true },
    actorKind: {
      sql: 'e.actor_kind',
      type: 'enum',
      values: ['user', 'key', 'system', 'operator', 'anonymous'],
      filter: true,
    },
    action: { sql: 'e.action', type: 'enum', filter: true },
    module: { sql: 'e.module', type: 'enum', filter: true },
    object: { sql: 'e.object_id', type: 'text', filter: true },
  },
  defaultSort: '-at',
});

export const entryById = sql({ id: t.uuid }, { ...row, body: t.text, hash: t.bytea })`
  select ${columns}, e.body, e.hash from audit.entry e where e.id = ${'id'}`;

const empty = sql.fragment`'\\x0000000000000000000000000000000000000000000000000000000000000000'`;

/** Makes the head of a new chain, and holds it until the end of the transaction. */
export const lockHead = sql({}, { seq: t.int8n, hash: t.bytea })`
  insert into audit.head (seq, hash) values (0, ${empty})
  on conflict (tenant_id) do update set seq = head.seq
  returning seq, hash`;

export const headOf = sql({}, { seq: t.int8n, hash: t.bytea })`select seq, hash from audit.head`;

export const saveHead = sql({ seq: t.int8n, hash: t.bytea }, {})`
  update audit.head set seq = ${'seq'}, hash = ${'hash'}`;

export const insertEntries = sql(
  {
    id: t.array(t.uuid),
    at: t.array(t.instant),
    seq: t.array(t.int8n),
    actorKind: t.array(actorKind),
    actorId: t.array(t.text),
    actorName: t.array(t.text),
    action: t.array(t.text),
    module: t.array(t.text),
    objectId: t.array(t.text),
    reqId: t.array(t.text),
    body: t.array(t.text),
    hash: t.array(t.bytea),
  },
  {},
)`
  insert into audit.entry (id, at, seq, actor_kind, actor_id, actor_name, action, module, object_id, req_id,
                           body, hash)
  select * from unnest(${'id'}::uuid[], ${'at'}::timestamptz[], ${'seq'}::bigint[], ${'actorKind'}::text[], ${'actorId'}::text[], ${'actorName'}::text[],
                       ${'action'}::text[], ${'module'}::text[], ${'objectId'}::text[], ${'reqId'}::text[], ${'body'}::text[], ${'hash'}::bytea[])`;

/** In the order of the chain. */
export const entriesAfter = sql(
  { after: t.int8n, rowsMax: t.int8n },
  { ...row, body: t.text, hash: t.bytea },
)`
  select ${columns}, e.body, e.hash
  from audit.entry e
  where e.seq > ${'after'}
  order by e.seq
  limit ${'rowsMax'}`;

export const entryAt = sql({ seq: t.int8n }, { seq: t.int8n, hash: t.bytea })`
  select seq, hash from audit.entry where seq = ${'seq'}`;

export const namesOf = sql({ ids: t.array(t.text) }, { id: t.text, name: t.text })`
  select id, name from identity_api.actor where id = any(${'ids'})`;

/** The last entry that was archived and dropped. */
export const horizonOf = sql(
  {},
  { seq: t.int8n, hash: t.bytea },
)`select seq, hash from audit.horizon`;

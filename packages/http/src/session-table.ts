import type { Context, Database } from '@plinth/postgres';
import { sql, t } from '@plinth/postgres';
import { z } from '@plinth/core/z';

import type { Session } from './sessions.ts';

const data = z.record(z.string(), z.string());
const columns = sql.fragment`id_hash, user_id, tenant_id, level, user_agent, ip, data,
  (extract(epoch from created_at) * 1000)::int8 as created_ms,
  (extract(epoch from seen_at) * 1000)::int8 as seen_ms,
  (extract(epoch from least(idle_until, hard_until)) * 1000)::int8 as ends_ms,
  (extract(epoch from now()) * 1000)::int8 as now_ms`;
const row = {
  id_hash: t.bytea,
  user_id: t.uuid,
  tenant_id: t.nullable(t.uuid),
  level: t.int2,
  user_agent: t.text,
  ip: t.text,
  data: t.json(data),
  created_ms: t.int8n,
  seen_ms: t.int8n,
  ends_ms: t.int8n,
  now_ms: t.int8n,
};
type Row = {
  readonly [name in keyof typeof row]: ReturnType<(typeof row)[name]['decode']>;
};

const insert = sql(
  {
    id: t.bytea,
    user: t.uuid,
    tenant: t.nullable(t.uuid),
    level: t.int2,
    userAgent: t.text,
    ip: t.text,
    data: t.json(data),
    idleMs: t.int8n,
    hardMs: t.int8n,
  },
  row,
)`
  insert into http.session (id_hash, user_id, tenant_id, created_at, seen_at, idle_until, hard_until, level,
                            user_agent, ip, data)
  values (${'id'}, ${'user'}, ${'tenant'}, now(), now(), now() + ${'idleMs'} * interval '1 ms',
          now() + ${'hardMs'} * interval '1 ms', ${'level'}, ${'userAgent'}, ${'ip'}, ${'data'})
  returning ${columns}`;

export interface SessionRow {
  readonly id: Buffer;
  readonly user: string;
  readonly tenant: string | null;
  readonly level: number;
  readonly userAgent: string;
  readonly ip: string;
  readonly data: Readonly<Record<string, string>>;
  readonly idleMs: number;
  readonly hardMs: number;
}

export async function insertSession(
  database: Database,
  context: Context,
  session: SessionRow,
): Promise<Session> {
  return toSession(await database.one(context, insert, session));
}

const replacing = sql({ old: t.bytea }, {})`delete from http.session where id_hash = ${'old'}`;

/** The old id dies in the transaction that makes the new one. */
export async function replaceSession(
  database: Database,
  context: Context,
  old: Buffer,
  session: SessionRow,
): Promise<Session> {
  return database.write(context, async (tx) => {
    await tx.run(replacing, { old });
    return toSession(await tx.one(insert, session));
  });
}

const byId = sql({ id: t.bytea }, row)`
  select ${columns} from http.session
   where id_hash = ${'id'} and idle_until > now() and hard_until > now()`;

export async function findSession(
  database: Database,
  context: Context,
  id: Buffer,
): Promise<Session | undefined> {
  const found = await database.maybe(context, byId, { id });
  return found === undefined ? undefined : toSession(found);
}

const touching = sql({ id: t.bytea, idleMs: t.int8n }, {})`
  update http.session
     set seen_at = now(), idle_until = now() + ${'idleMs'} * interval '1 ms'
   where id_hash = ${'id'} and idle_until > now()`;

export async function touchSession(
  database: Database,
  context: Context,
  session: { id: Buffer; idleMs: number },
): Promise<void> {
  await database.run(context, touching, session);
}

const deleting = sql({ id: t.bytea }, {})`delete from http.session where id_hash = ${'id'}`;

export async function deleteSession(
  database: Database,
  context: Context,
  id: Buffer,
): Promise<number> {
  return database.run(context, deleting, { id });
}

const deletingOfUser = sql({ user: t.uuid, except: t.nullable(t.bytea) }, { id_hash: t.bytea })`
  delete from http.session
   where user_id = ${'user'} and (${'except'}::bytea is null or id_hash <> ${'except'})
  returning id_hash`;

export async function deleteSessionsOfUser(
  database: Database,
  context: Context,
  user: string,
  except: Buffer | null,
): Promise<string[]> {
  const rows = await database.many(context, deletingOfUser, { user, except });
  return rows.map(({ id_hash }) => Buffer.from(id_hash).toString('hex'));
}

const ofUser = sql({ user: t.uuid }, row)`
  select ${columns} from http.session
   where user_id = ${'user'} and idle_until > now() and hard_until > now()
   order by seen_at desc
   limit 200`;

export async function listSessionsOfUser(
  database: Database,
  context: Context,
  user: string,
): Promise<Session[]> {
  const rows = await database.many(context, ofUser, { user });
  return rows.map(toSession);
}

const purging = sql({ rowsMax: t.int4 }, {})`
  delete from http.session
   where id_hash in (select id_hash from http.session where hard_until < now() or idle_until < now() limit ${'rowsMax'})`;

/** @returns how many of the sessions that have ended were removed, at most `rowsMax`. */
export async function purgeSessions(
  database: Database,
  context: Context,
  rowsMax: number,
): Promise<number> {
  return database.run(context, purging, { rowsMax });
}

function toSession(found: Row): Session {
  return {
    id: Buffer.from(found.id_hash).toString('hex'),
    user: found.user_id,
    tenant: found.tenant_id ?? undefined,
    level: found.level,
    userAgent: found.user_agent,
    ip: found.ip,
    data: found.data,
    createdMs: found.created_ms,
    seenMs: found.seen_ms,
    endsMs: found.ends_ms,
    idleSinceMs: found.now_ms - found.seen_ms,
  };
}

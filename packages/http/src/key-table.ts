import type { Context, Database, Transaction } from '@plinth/postgres';
import { sql, t } from '@plinth/postgres';

export interface KeyRow {
  readonly id: string;
  readonly createdMs: number;
  readonly signFromMs: number;
  readonly verifyUntilMs: number | undefined;
  readonly masterId: string;
  readonly nonce: Buffer;
  readonly wrapped: Buffer;
}

const row = {
  id: t.text,
  created_ms: t.int8n,
  sign_from_ms: t.int8n,
  verify_until_ms: t.nullable(t.int8n),
  master_id: t.text,
  nonce: t.bytea,
  wrapped: t.bytea,
};
const all = sql({}, row)`
  select id, (extract(epoch from created_at) * 1000)::int8 as created_ms,
         (extract(epoch from sign_from) * 1000)::int8 as sign_from_ms,
         (extract(epoch from verify_until) * 1000)::int8 as verify_until_ms, master_id, nonce, wrapped
    from http.key
   order by sign_from, id`;

export async function listKeys(database: Database, context: Context): Promise<KeyRow[]> {
  return (await database.many(context, all, {})).map(toKey);
}

const lock = sql({}, {})`select pg_advisory_xact_lock(7020652031)`;

/** One process at a time looks whether a key is due, and makes it. */
export async function lockKeys(tx: Transaction): Promise<KeyRow[]> {
  await tx.run(lock, {});
  return (await tx.many(all, {})).map(toKey);
}

const insert = sql(
  {
    id: t.text,
    createdMs: t.int8n,
    signFromMs: t.int8n,
    signUntilMs: t.int8n,
    verifyUntilMs: t.int8n,
    masterId: t.text,
    nonce: t.bytea,
    wrapped: t.bytea,
  },
  {},
)`
  insert into http.key (id, created_at, sign_from, sign_until, verify_until, master_id, nonce, wrapped)
  values (${'id'}, to_timestamp(${'createdMs'}::int8 / 1000.0), to_timestamp(${'signFromMs'}::int8 / 1000.0),
          to_timestamp(${'signUntilMs'}::int8 / 1000.0), to_timestamp(${'verifyUntilMs'}::int8 / 1000.0),
          ${'masterId'}, ${'nonce'}, ${'wrapped'})`;

export async function insertKey(
  tx: Transaction,
  key: KeyRow & { readonly signUntilMs: number; readonly verifyUntilMs: number },
): Promise<void> {
  await tx.run(insert, key);
}

const rewrap = sql({ id: t.text, masterId: t.text, nonce: t.bytea, wrapped: t.bytea }, {})`
  update http.key set master_id = ${'masterId'}, nonce = ${'nonce'}, wrapped = ${'wrapped'} where id = ${'id'}`;

export async function rewrapKey(
  tx: Transaction,
  key: Pick<KeyRow, 'id' | 'masterId' | 'nonce' | 'wrapped'>,
): Promise<void> {
  await tx.run(rewrap, key);
}

interface Found {
  readonly id: string;
  readonly created_ms: number;
  readonly sign_from_ms: number;
  readonly verify_until_ms: number | null;
  readonly master_id: string;
  readonly nonce: Uint8Array;
  readonly wrapped: Uint8Array;
}

function toKey(found: Found): KeyRow {
  return {
    id: found.id,
    createdMs: found.created_ms,
    signFromMs: found.sign_from_ms,
    verifyUntilMs: found.verify_until_ms ?? undefined,
    masterId: found.master_id,
    nonce: Buffer.from(found.nonce),
    wrapped: Buffer.from(found.wrapped),
  };
}

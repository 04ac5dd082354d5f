import type { Context, Database, Transaction } from '@plinth/postgres';
import { sql, t } from '@plinth/postgres';
import { z } from '@plinth/core/z';

/** Whose key it is, and for what. */
export interface KeyPlace {
  readonly tenant: string;
  readonly actor: string;
  readonly operation: string;
  readonly key: string;
}

export interface KeptAnswer {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly headers: readonly string[];
  /** Undefined: it was too large to keep. */
  readonly body: Buffer | undefined;
}

const headerList = z.array(z.string());
const place = { tenant: t.uuid, actor: t.text, operation: t.text, key: t.text };

const taking = sql({ ...place, fingerprint: t.bytea, keepMs: t.int8n }, {})`
  insert into http.idempotency (tenant_id, actor_id, operation, key, fingerprint, expires_at)
  values (${'tenant'}, ${'actor'}, ${'operation'}, ${'key'}, ${'fingerprint'},
          now() + ${'keepMs'} * interval '1 ms')
  on conflict do nothing`;

/**
 * Takes the key for this transaction. Whoever comes second waits on the unique index until the first one ends.
 *
 * @returns false where an answer is kept already.
 */
export async function takeKey(
  tx: Transaction,
  key: KeyPlace & { readonly fingerprint: Buffer; readonly keepMs: number },
): Promise<boolean> {
  return (await tx.run(taking, key)) === 1;
}

const found = sql(place, {
  fingerprint: t.bytea,
  status: t.nullable(t.int2),
  headers: t.nullable(t.json(headerList)),
  body: t.nullable(t.bytea),
})`
  select fingerprint, status, headers, body
    from http.idempotency
   where tenant_id = ${'tenant'} and actor_id = ${'actor'} and operation = ${'operation'} and key = ${'key'}`;

export async function findAnswer(tx: Transaction, key: KeyPlace): Promise<KeptAnswer | undefined> {
  const row = await tx.maybe(found, key);
  if (row === undefined || row.status === null) return undefined;
  return {
    fingerprint: Buffer.from(row.fingerprint),
    status: row.status,
    headers: row.headers ?? [],
    body: row.body === null ? undefined : Buffer.from(row.body),
  };
}

const keeping = sql(
  { ...place, status: t.int2, headers: t.json(headerList), body: t.nullable(t.bytea) },
  {},
)`
  update http.idempotency set status = ${'status'}, headers = ${'headers'}, body = ${'body'}
   where tenant_id = ${'tenant'} and actor_id = ${'actor'} and operation = ${'operation'} and key = ${'key'}`;

/** Keeps the answer in the transaction of its effect. */
export async function keepAnswer(
  tx: Transaction,
  key: KeyPlace,
  answer: Omit<KeptAnswer, 'fingerprint'>,
): Promise<void> {
  await tx.run(keeping, {
    tenant: key.tenant,
    actor: key.actor,
    operation: key.operation,
    key: key.key,
    status: answer.status,
    headers: [...answer.headers],
    body: answer.body ?? null,
  });
}

const asWorker = sql({}, {})`set local role plinth_worker`;
const purging = sql({ rowsMax: t.int4 }, {})`
  delete from http.idempotency
   where ctid in (select ctid from http.idempotency where expires_at < now() limit ${'rowsMax'})`;

/** Of all tenants, as the role that may see no more of them than this. @returns how many it removed. */
export async function purgeAnswers(
  database: Database,
  context: Context,
  rowsMax: number,
): Promise<number> {
  return database.write(context, async (tx) => {
    await tx.run(asWorker, {});
    return tx.run(purging, { rowsMax });
  });
}

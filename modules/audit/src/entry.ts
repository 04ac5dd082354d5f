import { createHash } from 'node:crypto';

type ActorKind = 'user' | 'key' | 'system' | 'operator' | 'anonymous';

export interface Entry {
  readonly id: string;
  /** RFC 3339 in UTC, ms. */
  readonly at: string;
  readonly seq: number;
  readonly actorKind: ActorKind;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly module: string;
  readonly objectId: string;
  readonly reqId: string;
  /** JSON text. */
  readonly body: string;
}

/** Before the first entry of a tenant. */
export const noHash: Buffer = Buffer.alloc(32);

/** SHA-256 over the previous entry's hash and all that this one says, under its tenant. */
export function hashEntry(tenant: string, previous: Uint8Array, entry: Entry): Buffer {
  const { id, seq, actorKind, actorId, actorName, action, objectId, reqId, body } = entry;
  const atMs = Date.parse(entry.at);
  const text = JSON.stringify([
    tenant,
    seq,
    id,
    atMs,
    actorKind,
    actorId,
    actorName,
    action,
    objectId,
    reqId,
    body,
  ]);
  return createHash('sha256').update(previous).update(text).digest();
}

export interface ChainEnd {
  readonly seq: number;
  readonly hash: Uint8Array;
}
export interface Break {
  readonly seq: number;
  readonly why: 'hash' | 'missing' | 'head';
}

/** Follows the chain from `start` through the entries; stops at the first that does not belong there. */
export function followChain(
  tenant: string,
  start: ChainEnd,
  entries: readonly (Entry & { readonly hash: Uint8Array })[],
): { readonly end: ChainEnd; readonly broken: Break | undefined } {
  let end = start;
  for (const entry of entries) {
    if (entry.seq !== end.seq + 1) return { end, broken: { seq: end.seq + 1, why: 'missing' } };
    if (!hashEntry(tenant, end.hash, entry).equals(entry.hash)) {
      return { end, broken: { seq: entry.seq, why: 'hash' } };
    }
    end = entry;
  }
  return { end, broken: undefined };
}

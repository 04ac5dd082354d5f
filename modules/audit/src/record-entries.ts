import type { Envelope } from '@plinth/messaging';
import type { Log } from '@plinth/core';
import { ensurePartition, type Transaction } from '@plinth/postgres';

import { insertEntries, lockHead, namesOf, saveHead } from './entries-table.ts';
import { hashEntry, type ChainEnd, type Entry } from './entry.ts';
import { auditPartitions } from './partitions.ts';

/** Months whose partition is there: what this process has seen of it. */
export type KnownMonths = Set<string>;

/**
 * Adds entries for these events of one tenant at the end of its chain.
 *
 * Their effect is once: the subscription's claim commits with them.
 */
export async function recordEntries(
  tx: Transaction,
  envelopes: readonly Envelope[],
  { known, log }: { readonly known: KnownMonths; readonly log: Log },
): Promise<void> {
  const { tenant } = tx.context;
  for (const month of monthsOf(envelopes)) {
    if (known.has(month)) continue;
    const isMade = await ensurePartition(tx, auditPartitions, new Date(month));
    tx.after(() => {
      known.add(month);
      if (isMade) log.warn('audit.partition_was_missing', { month });
    });
  }
  const names = await findNames(tx, envelopes);
  let end: ChainEnd = await tx.one(lockHead, {});
  const entries = envelopes.map((envelope) => {
    const entry = toEntry(envelope, { seq: end.seq + 1, names });
    end = { ...entry, hash: hashEntry(tenant, end.hash, entry) };
    return { ...entry, hash: end.hash };
  });
  await tx.run(insertEntries, toLists(entries));
  await tx.run(saveHead, { seq: end.seq, hash: end.hash });
}

function monthsOf(envelopes: readonly Envelope[]): Set<string> {
  return new Set(envelopes.map(({ at }) => `${at.slice(0, 7)}-01`));
}

async function findNames(
  tx: Transaction,
  envelopes: readonly Envelope[],
): Promise<ReadonlyMap<string, string>> {
  const people = envelopes.flatMap(({ actor }) =>
    actor?.kind === 'user' || actor?.kind === 'key' ? [actor.id] : [],
  );
  const ids = [...new Set(people)];
  const rows = ids.length === 0 ? [] : await tx.many(namesOf, { ids });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

interface Place {
  readonly seq: number;
  readonly names: ReadonlyMap<string, string>;
}

function toEntry(envelope: Envelope, { seq, names }: Place): Entry {
  const actorId = envelope.actor?.id ?? '';
  return {
    id: envelope.id,
    at: new Date(envelope.at).toISOString(),
    seq,
    actorKind: envelope.actor?.kind ?? 'system',
    actorId,
    actorName: names.get(actorId) ?? '',
    action: envelope.name,
    module: envelope.name.slice(0, envelope.name.indexOf('.')),
    objectId: envelope.key ?? '',
    reqId: envelope.reqId,
    body: JSON.stringify(envelope.body),
  };
}

function toLists(entries: readonly (Entry & { readonly hash: Uint8Array })[]) {
  return {
    id: entries.map(({ id }) => id),
    at: entries.map(({ at }) => at),
    seq: entries.map(({ seq }) => seq),
    actorKind: entries.map(({ actorKind }) => actorKind),
    actorId: entries.map(({ actorId }) => actorId),
    actorName: entries.map(({ actorName }) => actorName),
    action: entries.map(({ action }) => action),
    module: entries.map(({ module }) => module),
    objectId: entries.map(({ objectId }) => objectId),
    reqId: entries.map(({ reqId }) => reqId),
    body: entries.map(({ body }) => body),
    hash: entries.map(({ hash }) => hash),
  };
}

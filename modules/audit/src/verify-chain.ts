import type { Clock, Ctx } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import { entriesAfter, entryAt, headOf, horizonOf } from './entries-table.ts';
import { followChain, noHash, type Break, type ChainEnd } from './entry.ts';

const entriesMax = 100_000;
const pageRowsMax = 2_000;

interface Needs {
  readonly database: Database;
  readonly clock: Clock;
}

/** Computes the hashes again, from behind `after` to the head of the chain, at most 100,000 entries a call. */
export async function verifyChain({ database, clock }: Needs, ctx: Ctx, after: number) {
  const head = (await database.maybe(ctx, headOf, {})) ?? { seq: 0, hash: noHash };
  // What is older was archived: the chain goes on behind it.
  const horizon = (await database.maybe(ctx, horizonOf, {})) ?? { seq: 0, hash: noHash };
  const start = after <= horizon.seq ? horizon : await database.maybe(ctx, entryAt, { seq: after });
  const found =
    start === undefined
      ? { end: { seq: after - 1, hash: noHash }, broken: { seq: after, why: 'missing' } as const }
      : await follow(database, ctx, { start, head });
  const { end, broken } = found;
  const isWhole = broken === undefined && end.seq >= head.seq;
  return {
    state:
      broken !== undefined ? ('broken' as const) : isWhole ? ('whole' as const) : ('more' as const),
    checked: Math.max(0, end.seq - Math.max(after, horizon.seq)),
    lastSeq: end.seq,
    headSeq: head.seq,
    broken: broken ?? null,
    checkedAt: new Date(clock.now()).toISOString(),
  };
}

interface Range {
  readonly start: ChainEnd;
  /** Read before the entries: what came later is for a later call. */
  readonly head: ChainEnd;
}

async function follow(
  database: Database,
  ctx: Ctx,
  { start, head }: Range,
): Promise<{ end: ChainEnd; broken: Break | undefined }> {
  let end = start;
  while (end.seq < head.seq && end.seq - start.seq < entriesMax) {
    const rowsMax = Math.min(pageRowsMax, head.seq - end.seq);
    const entries = await database.many(ctx, entriesAfter, { after: end.seq, rowsMax });
    if (entries.length === 0) return { end, broken: { seq: end.seq + 1, why: 'missing' } };
    const followed = followChain(ctx.tenant, end, entries);
    end = followed.end;
    if (followed.broken !== undefined) return { end, broken: followed.broken };
  }
  const isAtHead = end.seq === head.seq;
  const fits = !isAtHead || Buffer.from(end.hash).equals(head.hash);
  return { end, broken: fits ? undefined : { seq: head.seq, why: 'head' } };
}

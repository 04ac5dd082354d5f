import { Problem } from '@plinth/core';

import { anchorsOf, type AnchorRow } from './anchor-statements.ts';
import {
  checkSortable,
  detached,
  keyOf,
  resolveScope,
  sizeOf,
  whileWanted,
  type Anchors,
  type Ask,
  type ListNeeds,
  type Size,
} from './ask.ts';
import type { Kept } from './kept.ts';
import { placeOf } from './statements.ts';

export interface FoundAnchors extends Anchors {
  readonly isFresh: boolean;
}

const bytesMax = 65_536;
const placeOverheadBytes = 4;
const behindMs = 60_000;
const freshMs = 60_000;
const staleMs = 600_000;
const rulerTicks = 64;

/** Those that are kept, fresh or not; nothing is made. */
export function peekAnchors({ anchors }: ListNeeds, ask: Ask): FoundAnchors | undefined {
  const found = anchors.peek(anchorsKey(ask));
  return found && { ...found.value, isFresh: found.isFresh };
}

/**
 * The anchors of a list: kept, or made now, one flight for all who wait.
 *
 * @returns the size alone where they are not there, and the list has more than 2,000,000 rows or they
 * take more than 2 s: then they are made behind.
 */
export async function findAnchors(
  needs: ListNeeds,
  ask: Ask,
): Promise<FoundAnchors | { readonly size: Size }> {
  const key = anchorsKey(ask);
  const known = peekAnchors(needs, ask);
  if (known?.isFresh === true) return known;
  const behind = { ...ask, context: detached(ask.context) };
  const makeBehind = () => makeAnchors(needs, behind, behindMs);
  if (known !== undefined) {
    needs.anchors.make(key, makeBehind);
    return known;
  }
  const size = await needs.database.read(ask.context, async (reader) =>
    sizeOf(needs, reader, await resolveScope(reader, ask)),
  );
  checkSortable(needs, ask, size);
  if (size.n > needs.limits.sortedMax) {
    needs.anchors.make(key, makeBehind);
    return { size };
  }
  try {
    const make = () => makeAnchors(needs, behind, needs.limits.anchorsMs, size);
    const made = await whileWanted(ask.context.signal, needs.anchors.get(key, make));
    return { ...made.value, isFresh: made.isFresh };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'postgres.timeout') throw error;
    needs.anchors.make(key, makeBehind);
    return { size };
  }
}

async function makeAnchors(
  needs: ListNeeds,
  ask: Ask,
  timeoutMs: number,
  known?: Size,
): Promise<Kept<Anchors>> {
  const asOf = new Date(needs.clock.now()).toISOString();
  const { scope, size } = await needs.database.read(ask.context, async (reader) => {
    const found = await resolveScope(reader, ask);
    return { scope: found, size: known ?? (await sizeOf(needs, reader, found)) };
  });
  const step = stepOf(size);
  const { statement, params } = anchorsOf(scope, step, timeoutMs);
  const rows = await needs.database.many(ask.context, statement, params);
  const total = totalOf(rows, step);
  const value = thin({ step, places: rows.map((row) => placeOf(ask.sort, row)), total, asOf });
  if (total > needs.limits.countedMax) return { value, freshMs, staleMs };
  // A short list is measured anew each time: whoever wrote to it sees it.
  return { value, freshMs: 0, staleMs: 0 };
}

/** As many anchors as the ruler has ticks for a short list, about 1,000 for a long one. */
function stepOf({ n, exact }: Size): number {
  if (exact) return Math.min(Math.max(Math.ceil(n / rulerTicks), 1), 100);
  return Math.min(Math.max(Math.ceil(n / 1_000), 100), 5_000);
}

function totalOf(rows: readonly AnchorRow[], step: number): number {
  const last = rows.at(-1);
  return last === undefined ? 0 : last.n * step + (last.tail ?? 0);
}

/** Halves the anchors until they fit: the step doubles, and so does what a rank skips. */
function thin(anchors: Anchors): Anchors {
  let bytes = 0;
  for (const place of anchors.places) {
    for (const key of place) bytes += Buffer.byteLength(key) + placeOverheadBytes;
  }
  if (bytes <= bytesMax) return anchors;
  const places = anchors.places.filter((_, index) => index % 2 === 0);
  return thin({ ...anchors, step: anchors.step * 2, places });
}

/** At most 64 ranks, evenly spread, with the value that the list has there. */
export function rulerOf({ places, step, total }: Anchors): { n: number; key: string }[] {
  const ticks = new Map<number, string>();
  for (let tick = 0; tick < rulerTicks; tick += 1) {
    const index = Math.round((tick * total) / rulerTicks / step);
    const key = places[index]?.[0];
    if (key !== undefined) ticks.set(index * step, key);
  }
  return Array.from(ticks, ([n, key]) => ({ n, key }));
}

function anchorsKey(ask: Ask): string {
  return `${keyOf(ask)}:${ask.sort.text}`;
}

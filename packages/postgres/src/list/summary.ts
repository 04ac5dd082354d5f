import { Problem } from '@plinth/core';

import type { Summary } from '../listing.ts';
import { findAnchors, rulerOf } from './anchors.ts';
import {
  detached,
  keyOf,
  resolveScope,
  whileWanted,
  type Ask,
  type ListNeeds,
  type Sums,
} from './ask.ts';
import { shownKey } from './guess.ts';
import type { Kept } from './kept.ts';
import { asOfNow } from './page-form.ts';
import { sumsOf, type Scope } from './statements.ts';

const freshMs = 60_000;
const staleMs = 600_000;

/** Total, sums by currency and ruler of a filter; sums that take more than 2 s are null. */
export async function readSummary(needs: ListNeeds, ask: Ask): Promise<Summary> {
  const [anchors, sums] = await Promise.all([findAnchors(needs, ask), findSums(needs, ask)]);
  if ('size' in anchors) {
    const asOf = asOfNow(needs);
    return { total: { ...anchors.size, asOf }, sums, ruler: [], asOf };
  }
  const { asOf, total } = anchors;
  const ruler = rulerOf(anchors).map(({ n, key }) => ({ n, key: shownKey(ask.sort.keys[0], key) }));
  return { total: { n: total, exact: true, asOf }, sums, ruler, asOf };
}

/** Kept for a minute: a sum over a million rows takes 0.3 s. */
async function findSums(needs: ListNeeds, ask: Ask): Promise<Sums | null> {
  const groups = Object.entries(currenciesOf(ask));
  if (groups.length === 0) return [];
  const behind = { ...ask, context: detached(ask.context) };
  const make = () => makeSums(needs, behind, groups);
  return (await whileWanted(ask.context.signal, needs.sums.get(keyOf(ask), make))).value;
}

type Group = readonly [currency: string, fields: readonly string[]];

async function makeSums(
  needs: ListNeeds,
  ask: Ask,
  groups: readonly Group[],
): Promise<Kept<Sums | null>> {
  try {
    const scope = await needs.database.read(ask.context, (reader) => resolveScope(reader, ask));
    const found = await Promise.all(groups.map((group) => sumGroup(needs, ask, scope, group)));
    const isShort = found.every(({ n }) => n <= needs.limits.countedMax);
    const value = merge(found.flatMap(({ sums }) => sums));
    return isShort ? { value, freshMs: 0, staleMs: 0 } : { value, freshMs, staleMs };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'postgres.timeout') throw error;
    return { value: null, freshMs, staleMs: 0 };
  }
}

/** Summed fields by the column of their currency. */
function currenciesOf({ listing }: Ask): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [name, { sum }] of Object.entries(listing.def.fields)) {
    if (sum !== undefined) (groups[sum] ??= []).push(name);
  }
  return groups;
}

async function sumGroup(
  { database }: ListNeeds,
  ask: Ask,
  scope: Scope,
  [currency, fields]: Group,
): Promise<{ sums: Sums; n: number }> {
  const { statement, params } = sumsOf(scope, currency, fields);
  const rows = await database.many(ask.context, statement, params);
  const sums = rows.map((row) => ({
    currency: row['currency'] ?? '',
    amounts: Object.fromEntries(fields.map((name) => [name, Number(row[`sum ${name}`] ?? 0)])),
  }));
  return { sums, n: rows.reduce((n, row) => n + Number(row['n']), 0) };
}

function merge(sums: Sums): Sums {
  const byCurrency = new Map<string, Record<string, number>>();
  for (const { currency, amounts } of sums) {
    byCurrency.set(currency, { ...byCurrency.get(currency), ...amounts });
  }
  return Array.from(byCurrency, ([currency, amounts]) => ({ currency, amounts })).toSorted(
    (a, b) => (a.currency < b.currency ? -1 : 1),
  );
}

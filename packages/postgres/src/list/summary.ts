import { Problem } from '@plinth/core';

import type { Summary, Total } from '../listing.ts';
import { findAnchors, rulerOf } from './anchors.ts';
import {
  countedMax,
  detached,
  keyOf,
  resolveScope,
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
  const anchors = await findAnchors(needs, ask);
  if ('size' in anchors) {
    const asOf = asOfNow(needs);
    return {
      total: { ...anchors.size, asOf },
      sums: await sumsWithin(needs, ask),
      ruler: [],
      asOf,
    };
  }
  const { asOf } = anchors;
  const total: Total = { n: anchors.total, exact: true, asOf };
  const ruler = rulerOf(anchors).map(({ n, key }) => ({ n, key: shownKey(ask.sort.keys[0], key) }));
  const sums =
    anchors.total <= countedMax ? await makeSums(needs, ask) : await sumsWithin(needs, ask);
  return { total, sums, ruler, asOf };
}

/** Kept for a minute: a sum over a million rows takes 0.3 s. */
async function sumsWithin(needs: ListNeeds, ask: Ask): Promise<Sums | null> {
  const behind = { ...ask, context: detached(ask.context) };
  const make = async (): Promise<Kept<Sums | null>> => {
    const value = await makeSums(needs, behind);
    return { value, freshMs, staleMs };
  };
  return (await needs.sums.get(keyOf(ask), make)).value;
}

async function makeSums(needs: ListNeeds, ask: Ask): Promise<Sums | null> {
  const groups = Object.entries(currenciesOf(ask));
  if (groups.length === 0) return [];
  try {
    const scope = await needs.database.read(ask.context, (reader) => resolveScope(reader, ask));
    const found = await Promise.all(
      groups.map(([currency, fields]) => sumGroup(needs, ask, scope, { currency, fields })),
    );
    return merge(found.flat());
  } catch (error) {
    if (error instanceof Problem && error.code === 'postgres.timeout') return null;
    throw error;
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
  needs: ListNeeds,
  ask: Ask,
  scope: Scope,
  { currency, fields }: { currency: string; fields: readonly string[] },
): Promise<Sums> {
  const { statement, params } = sumsOf(scope, currency, fields);
  const rows = await needs.database.many(ask.context, statement, params);
  return rows.map((row) => ({
    currency: row['currency'] ?? '',
    amounts: Object.fromEntries(fields.map((name) => [name, Number(row[name] ?? 0)])),
  }));
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

import { Problem, type KeyRing } from '@plinth/core';

import type { Codecs } from '../codec.ts';
import type { ListDef, Page, Total } from '../listing.ts';
import type { Ask, ListNeeds } from './ask.ts';
import { sealCursor, type CursorScope } from './cursor.ts';
import type { Place } from './keyset.ts';
import { placeOf, type KeyedRow } from './statements.ts';

/** A window as it was read: the rows in the list's order, and what is known around them. */
export interface Window {
  readonly rows: readonly KeyedRow[];
  readonly hasPrev: boolean;
  readonly hasNext: boolean;
  /** Of the first row. */
  readonly rank: { readonly n: number; readonly exact: boolean };
  readonly total: Total;
  /** Where an empty window lies. */
  readonly at?: Place | { readonly id: string };
}

export function cursorScope({ context, listing, filter, sort }: Ask): CursorScope {
  const list = listing.def.name;
  return { tenant: context.tenant, list, filter: filter.text, sort: sort.text };
}

export function formPage(needs: ListNeeds, ask: Ask, window: Window): Page<KeyedRow> {
  const { rows, rank, total } = window;
  const first = rows[0];
  const last = rows.at(-1);
  const scope = cursorScope(ask);
  const seal = (row: KeyedRow | undefined, steps: number) => {
    const place = row === undefined ? window.at : placeOf(ask.sort, row);
    const n = Math.max(rank.n + steps, 0);
    if (place === undefined) return null;
    return sealCursor(ringOf(needs), scope, { place, rank: { n, exact: rank.exact }, total });
  };
  return {
    items: rows.map((row) => withoutKeys(ask.listing.def, row)),
    prev: window.hasPrev ? seal(first, 0) : null,
    next: window.hasNext ? seal(last, rows.length - 1) : null,
    rank: { ...rank },
    total: { ...total },
    cost: ask.sort.cost,
  };
}

export function withoutKeys(def: ListDef<Codecs>, row: KeyedRow): KeyedRow {
  return Object.fromEntries(Object.keys(def.row).map((name) => [name, row[name]]));
}

export function asOfNow({ clock }: ListNeeds): string {
  return new Date(clock.now()).toISOString();
}

/** @throws {Problem} `list.no_key_ring` where the database was made without one. */
export function ringOf({ keyRing }: ListNeeds): KeyRing {
  if (keyRing !== undefined) return keyRing;
  throw new Problem('A list needs a key ring to seal its cursors.', {
    code: 'list.no_key_ring',
    kind: 'internal',
  });
}

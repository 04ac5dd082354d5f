import type { Clause } from './filter.ts';

/** Chosen rows: by id, or all that match a filter but some. */
export type Selection =
  | { readonly kind: 'ids'; readonly ids: ReadonlySet<string> }
  | {
      readonly kind: 'predicate';
      readonly f: readonly Clause[];
      readonly except: ReadonlySet<string>;
      /** Rows that come later are not meant. RFC 3339. */
      readonly asOf: string;
    };

/** Past it a further row is not chosen: what is more is chosen by the filter. */
const selectedIdsMax = 10_000;
const exceptMax = 1_000;

export const nothingSelected: Selection = { kind: 'ids', ids: new Set() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === 'ids' ? selection.ids.has(id) : !selection.except.has(id);
}

/** @param total of the filter, for a predicate. */
export function selectedCount(selection: Selection, total: number): number {
  return selection.kind === 'ids' ? selection.ids.size : Math.max(0, total - selection.except.size);
}

export function toggle(selection: Selection, id: string): Selection {
  const { kind } = selection;
  const set = new Set(kind === 'ids' ? selection.ids : selection.except);
  const max = kind === 'ids' ? selectedIdsMax : exceptMax;
  if (!set.delete(id) && set.size < max) set.add(id);
  return kind === 'ids' ? { kind, ids: set } : { ...selection, except: set };
}

/** Adds rows: a range by Shift. In a predicate they are no longer exceptions. */
export function addIds(selection: Selection, ids: readonly string[]): Selection {
  if (selection.kind === 'ids') {
    return { kind: 'ids', ids: new Set([...selection.ids, ...ids].slice(0, selectedIdsMax)) };
  }
  const except = new Set(selection.except);
  for (const id of ids) except.delete(id);
  return { ...selection, except };
}

export function selectAll(f: readonly Clause[], asOf: string): Selection {
  return { kind: 'predicate', f, except: new Set(), asOf };
}

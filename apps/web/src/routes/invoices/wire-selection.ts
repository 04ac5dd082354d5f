import type { invoicing } from '@plinth/invoicing';
import type { z } from '@plinth/core/z';
import { formatClause, type Selection } from '@plinth/ui/grid/model';

export type WireSelection = z.input<typeof invoicing.operations.issueInvoices.input>['selection'];

/** A selection as the bulk operations take it. */
export function toWire(selection: Selection): WireSelection {
  if (selection.kind === 'ids') return { kind: 'ids', ids: [...selection.ids] };
  const { f, except, asOf } = selection;
  return {
    kind: 'predicate',
    f: f.map(formatClause),
    asOf,
    ...(except.size === 0 ? {} : { except: [...except] }),
  };
}

/** Past it a filter by ids makes a URL that proxies refuse. */
const idsMax = 200;

/** The filter of an export of the selected rows, or why there is none. */
export function exportFilter(
  selection: Selection,
): { readonly f: string[] } | { readonly off: 'export_by_filter' | 'export_except' } {
  if (selection.kind === 'predicate') {
    return selection.except.size > 0
      ? { off: 'export_except' }
      : { f: selection.f.map(formatClause) };
  }
  return selection.ids.size > idsMax
    ? { off: 'export_by_filter' }
    : { f: [`invoiceId:in:${[...selection.ids].join(',')}`] };
}

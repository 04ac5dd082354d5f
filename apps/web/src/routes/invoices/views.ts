import type { Clause } from '@plinth/ui/grid';

export interface View {
  readonly id: 'all' | 'drafts' | 'open' | 'overdue' | 'paid';
  readonly filter: readonly Clause[];
}

/** Built-in views: each is nothing but a filter, so that a changed one is a URL too. */
export const views: readonly View[] = [
  { id: 'all', filter: [] },
  { id: 'drafts', filter: [statusIn('draft')] },
  { id: 'open', filter: [statusIn('open')] },
  { id: 'overdue', filter: [statusIn('overdue')] },
  { id: 'paid', filter: [statusIn('settled')] },
];

function statusIn(value: string): Clause {
  return { field: 'status', op: 'in', values: [value] };
}

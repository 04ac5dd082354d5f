import type { Clause } from '@plinth/ui/grid';

const least = ['1'];

export const views = [
  { id: 'all', filter: [] },
  { id: 'owing', filter: [{ field: 'balance', op: 'gte', values: least }] },
  { id: 'overdue', filter: [{ field: 'overdue', op: 'gte', values: least }] },
  { id: 'credit', filter: [{ field: 'balance', op: 'lte', values: ['-1'] }] },
  { id: 'archived', filter: [{ field: 'archived', op: 'is', values: ['true'] }] },
] as const satisfies readonly { readonly id: string; readonly filter: readonly Clause[] }[];

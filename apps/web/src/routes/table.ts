import type { Route } from '@plinth/ui/router';

/** Development shows the kit with all its parts; a build leaves it out. */
const kit: readonly Route[] = import.meta.env.DEV
  ? [{ path: '/kit', load: () => import('./kit/page.tsx') }]
  : [];

/** Every page of the product, a chunk each. */
export const routeTable: readonly Route[] = [
  { path: '/', load: () => import('./dashboard/page.tsx') },
  { path: '/invoices', load: () => import('./invoices/page.tsx') },
  { path: '/invoices/:id', load: () => import('./invoice/page.tsx') },
  ...kit,
];

import type { Route } from '@plinth/ui/router';

/** Development and the kit's own tests show it with all its parts; the product's build leaves it out. */
const kit: readonly Route[] =
  import.meta.env.DEV || import.meta.env.MODE === 'kit'
    ? [
        { path: '/kit', load: () => import('./kit/page.tsx') },
        { path: '/kit/parts', load: () => import('./kit/parts.tsx') },
      ]
    : [];

/** Every page of the product, a chunk each. */
export const routeTable: readonly Route[] = [
  { path: '/', load: () => import('./dashboard/page.tsx') },
  { path: '/invoices', load: () => import('./invoices/page.tsx') },
  { path: '/invoices/new', load: () => import('./invoice-editor/new-page.tsx') },
  { path: '/invoices/:id/edit', load: () => import('./invoice-editor/page.tsx') },
  { path: '/invoices/:id', load: () => import('./invoice/page.tsx') },
  { path: '/payments', load: () => import('./payments/page.tsx') },
  { path: '/payments/new', load: () => import('./payment-new/page.tsx') },
  { path: '/payments/:id', load: () => import('./payment/page.tsx') },
  { path: '/customers', load: () => import('./customers/page.tsx') },
  { path: '/customers/new', load: () => import('./customer-form/new-page.tsx') },
  { path: '/customers/:id', load: () => import('./customer/page.tsx') },
  { path: '/customers/:id/edit', load: () => import('./customer-form/edit-page.tsx') },
  { path: '/transfers', load: () => import('./transfers/page.tsx') },
  { path: '/transfers/invoices', load: () => import('./transfers/upload-invoices-page.tsx') },
  { path: '/transfers/invoices/:id', load: () => import('./transfers/invoices-page.tsx') },
  { path: '/transfers/customers', load: () => import('./transfers/upload-customers-page.tsx') },
  { path: '/transfers/customers/:id', load: () => import('./transfers/customers-page.tsx') },
  { path: '/activity', load: () => import('./activity/page.tsx') },
  { path: '/activity/:id', load: () => import('./activity/entry-page.tsx') },
  { path: '/notices', load: () => import('./notices/page.tsx') },
  { path: '/me', load: () => import('./me/page.tsx') },
  { path: '/settings/users', load: () => import('./users/page.tsx') },
  { path: '/settings/company', load: () => import('./company/page.tsx') },
  { path: '/settings/api', load: () => import('./api-keys/page.tsx') },
  { path: '/reports/aged', load: () => import('./reports/aged-page.tsx') },
  { path: '/reports/revenue', load: () => import('./reports/revenue-page.tsx') },
  { path: '/reports/forecast', load: () => import('./reports/forecast-page.tsx') },
  ...kit,
];

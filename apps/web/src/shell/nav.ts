import type { IconName } from '@plinth/ui/core';

export interface NavItem {
  readonly href: string;
  readonly word:
    | 'dashboard'
    | 'invoices'
    | 'customers'
    | 'payments'
    | 'reports'
    | 'activity'
    | 'transfers'
    | 'settings';
  readonly icon: IconName;
  /** Who lacks it does not see the item. */
  readonly permission?: string;
  /** Not in the phone's bar, which holds five. */
  readonly wide?: true;
}

export interface NavGroup {
  readonly heading?: 'insight' | 'workspace';
  readonly items: readonly NavItem[];
}

export const nav: readonly NavGroup[] = [
  {
    items: [
      { href: '/', word: 'dashboard', icon: 'home' },
      { href: '/invoices', word: 'invoices', icon: 'invoice', permission: 'invoicing.read' },
      { href: '/customers', word: 'customers', icon: 'people', permission: 'customers.read' },
      { href: '/payments', word: 'payments', icon: 'payment', permission: 'payments.read' },
    ],
  },
  {
    heading: 'insight',
    items: [
      { href: '/reports/aged', word: 'reports', icon: 'chart', permission: 'reporting.read' },
      { href: '/activity', word: 'activity', icon: 'clock', permission: 'audit.read', wide: true },
    ],
  },
  {
    heading: 'workspace',
    items: [
      {
        href: '/transfers',
        word: 'transfers',
        icon: 'transfer',
        permission: 'imports.write',
        wide: true,
      },
      {
        href: '/settings/users',
        word: 'settings',
        icon: 'gear',
        permission: 'identity.admin',
        wide: true,
      },
    ],
  },
];

/** Whether the item stands for the page at this route: `/invoices` for `/invoices/:id` too. */
export function isAt({ href }: NavItem, routePath: string): boolean {
  const area = href.split('/')[1] ?? '';
  return (routePath.split('/')[1] ?? '') === area;
}

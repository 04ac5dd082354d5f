import { useMemo } from 'react';

import { useLocale, useWords } from '@plinth/ui/core';
import { day, type Formats } from '@plinth/ui/format';
import { Palette, type PaletteCommand } from '@plinth/ui/palette';
import { useRouter } from '@plinth/ui/router';

import english from '../../messages/en/shell.json';
import { client } from '../data/client.ts';
import { nav } from './nav.ts';
import { useCan } from './session.tsx';

const actions = [
  { word: 'new_invoice', href: '/invoices/new', permission: 'invoicing.write', shortcut: 'N' },
  { word: 'new_customer', href: '/customers/new', permission: 'customers.write' },
  { word: 'new_payment', href: '/payments/new', permission: 'payments.write' },
] as const;

/** What this person may do, the pages, and the books by number or name. */
export function Commands({ onClose }: { onClose(): void }) {
  const t = useWords(english);
  const can = useCan();
  const router = useRouter();
  const { formats } = useLocale();
  const commands = useMemo(() => {
    const go = (href: string) => () => router.navigate(href);
    const doing = actions
      .filter(({ permission }) => can(permission))
      .map(({ word, href, ...rest }): PaletteCommand => {
        const shortcut = 'shortcut' in rest ? { shortcut: rest.shortcut } : {};
        return {
          id: href,
          label: t(word),
          section: 'actions',
          icon: 'plus',
          run: go(href),
          ...shortcut,
        };
      });
    const pages = nav
      .flatMap(({ items }) => items)
      .filter(({ permission }) => permission === undefined || can(permission))
      .map(({ href, word, icon }): PaletteCommand => ({
        id: href,
        label: t(word),
        section: 'pages',
        icon,
        run: go(href),
      }));
    return [...doing, ...pages];
  }, [router, t]);
  const search = (text: string, signal: AbortSignal) =>
    searchBooks(text, signal, { formats, go: (href) => router.navigate(href) });
  return <Palette commands={commands} search={search} onClose={onClose} />;
}

interface Searcher {
  readonly formats: Formats;
  go(href: string): void;
}

/** Invoices by number and customers by name, five each. */
async function searchBooks(
  text: string,
  signal: AbortSignal,
  { formats, go }: Searcher,
): Promise<readonly PaletteCommand[]> {
  const [customers, invoices] = await Promise.all([
    client.customers.suggestCustomers({ q: text }, { signal }),
    client.invoicing.listInvoices(
      { f: [`number:starts:${encodeURIComponent(text.toUpperCase())}`], limit: 5 },
      { signal },
    ),
  ]);
  return [
    ...invoices.items.map(({ id, number, customerName, issueDate }): PaletteCommand => ({
      id,
      label: number ?? '',
      section: 'found',
      icon: 'invoice',
      detail: `${customerName}, ${day(issueDate, formats)}`,
      run: () => go(`/invoices/${id}`),
    })),
    ...customers.items.slice(0, 5).map(({ id, name, number }): PaletteCommand => ({
      id,
      label: name,
      section: 'found',
      icon: 'people',
      detail: number,
      run: () => go(`/customers/${id}`),
    })),
  ];
}

import { lazy, Suspense, useMemo, useState } from 'react';

import { ButtonLink, Empty, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import type { BulkAction, Selection } from '@plinth/ui/grid';

import english from '../../../messages/en/invoices.json';
import { client } from '../../data/client.ts';
import type { InvoiceRow } from '../../parts/invoice-state.ts';
import { ListPage } from '../../parts/list-page.tsx';
import { ownCurrencyFirst } from '../../parts/own-currency-first.ts';
import { useCan, useMe } from '../../shell/session.tsx';
import { useShortcut } from '../../shell/shortcuts.ts';
import { useRouter } from '@plinth/ui/router';
import type { BulkIntent } from './bulk-dialog.tsx';
import { invoiceColumns } from './columns.ts';
import { views } from './views.ts';
import { exportFilter } from './wire-selection.ts';

const InvoicePreview = lazy(async () => {
  const module = await import('./preview.tsx');
  return { default: module.InvoicePreview };
});
const PreviewActions = lazy(async () => {
  const module = await import('./preview.tsx');
  return { default: module.PreviewActions };
});
const BulkDialog = lazy(async () => {
  const module = await import('./bulk-dialog.tsx');
  return { default: module.BulkDialog };
});

const topics = { changed: ['invoicing.'], created: ['invoicing.invoice-drafted'] };
const defaults = { filter: [], sort: [{ field: 'issueDate', descending: true }], columns: [] };

/** All invoices, credit notes and drafts of the tenant. */
export function Page() {
  const t = useWords(english);
  const can = useCan();
  const { today, formats } = useLocale();
  const { tenant } = useMe();
  const [intent, setIntent] = useState<BulkIntent | undefined>(undefined);
  const writes = can('invoicing.write');
  useNewShortcut(writes);
  const columns = useMemo(
    () => invoiceColumns(t, { today, formats }, tenant.currency),
    [t, today, formats, tenant.currency],
  );
  const shownViews = useMemo(
    () => views.map(({ id, filter }) => ({ id, filter, label: t(`view_${id}`) })),
    [t],
  );
  const api = useMemo(() => apiOf(tenant.currency), [tenant.currency]);
  const bulk = useBulk(setIntent);
  return (
    <>
      <ListPage<InvoiceRow>
        title={t('title')}
        name="invoices"
        api={api}
        topics={topics}
        columns={columns}
        defaults={defaults}
        views={shownViews}
        rowName={({ number, customerName }) => number ?? `${t('draft')}, ${customerName}`}
        href={(id) => `/invoices/${id}`}
        preview={previewOf}
        {...(bulk === undefined ? {} : { bulk })}
        {...(can('exports.all') ? { exportHref } : {})}
        {...(can('imports.write') ? { importHref: '/transfers/invoices' } : {})}
        actions={writes && <NewButton label={t('new')} />}
        empty={<FirstUse writes={writes} />}
      />
      {intent !== undefined && (
        <Suspense fallback={null}>
          <BulkDialog intent={intent} onClose={() => setIntent(undefined)} />
        </Suspense>
      )}
    </>
  );
}

function apiOf(currency: string) {
  return {
    page: client.invoicing.listInvoices,
    rows: client.invoicing.rowsOfInvoices,
    summary: ownCurrencyFirst(currency, client.invoicing.summarizeInvoices),
  };
}

function exportHref(input: { f?: string[]; sort?: string }): string {
  return client.invoicing.exportInvoices(input, { format: 'csv' });
}

function previewOf(row: InvoiceRow) {
  return {
    body: (
      <Suspense fallback={<Skeleton lines={6} />}>
        <InvoicePreview row={row} />
      </Suspense>
    ),
    footer: (
      <Suspense fallback={null}>
        <PreviewActions row={row} />
      </Suspense>
    ),
  };
}

function NewButton({ label }: { readonly label: string }) {
  return (
    <ButtonLink href="/invoices/new" look="primary" icon="plus" shortcut="N">
      {label}
    </ButtonLink>
  );
}

function useNewShortcut(writes: boolean): void {
  const router = useRouter();
  useShortcut('n', () => {
    if (writes) router.navigate('/invoices/new');
  });
}

/** Undefined for who may do nothing with many rows. */
function useBulk(setIntent: (intent: BulkIntent) => void) {
  const t = useWords(english);
  const can = useCan();
  if (!can('invoicing.write') && !can('exports.all')) return undefined;
  return (selection: Selection, clear: () => void, n: number): readonly BulkAction[] => {
    const begin = (action: BulkIntent['action']) => () =>
      setIntent({ action, selection, n, clear });
    const exported = exportFilter(selection);
    return [
      ...(can('invoicing.issue')
        ? [{ label: t('issue'), icon: 'check', onSelect: begin('issue') } as const]
        : []),
      ...(can('invoicing.write')
        ? [{ label: t('delete_drafts'), icon: 'trash', onSelect: begin('delete') } as const]
        : []),
      ...(can('exports.all')
        ? [
            {
              label: t('export'),
              icon: 'export',
              off: 'off' in exported ? t(exported.off) : undefined,
              onSelect: () => {
                if ('f' in exported) location.assign(exportHref(exported));
              },
            } as const,
          ]
        : []),
    ];
  };
}

function FirstUse({ writes }: { readonly writes: boolean }) {
  const t = useWords(english);
  const draft = (
    <ButtonLink href="/invoices/new" look="primary" icon="plus">
      {t('first_draft')}
    </ButtonLink>
  );
  return (
    <Empty title={t('empty')} icon="invoice" actions={writes ? draft : undefined}>
      {t(writes ? 'empty_text' : 'empty_read')}
    </Empty>
  );
}

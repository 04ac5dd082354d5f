import { lazy, Suspense, useMemo } from 'react';

import { ButtonLink, Empty, Skeleton, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/payments.json';
import parts from '../../../messages/en/payment-parts.json';
import { client } from '../../data/client.ts';
import { ListPage } from '../../parts/list-page.tsx';
import { ownCurrencyFirst } from '../../parts/own-currency-first.ts';
import type { PaymentRow } from '../../parts/payment-state.ts';
import { useCan, useMe } from '../../shell/session.tsx';
import { useShortcut } from '../../shell/shortcuts.ts';
import { paymentColumns } from './columns.ts';

const PaymentPreview = lazy(async () => {
  const module = await import('./preview.tsx');
  return { default: module.PaymentPreview };
});

const topics = { changed: ['payments.'], created: ['payments.payment-received'] };
const defaults = { filter: [], sort: [{ field: 'receivedOn', descending: true }], columns: [] };
const views = ['all', 'open', 'allocated', 'refunded'] as const;

/** All payments of the tenant. */
export function Page() {
  const t = useWords(english);
  const p = useWords(parts);
  const can = useCan();
  const router = useRouter();
  const { currency } = useMe().tenant;
  const writes = can('payments.write');
  useShortcut('n', () => {
    if (writes) router.navigate('/payments/new');
  });
  const columns = useMemo(() => paymentColumns({ t, p }, currency), [t, p, currency]);
  const api = useMemo(() => apiOf(currency), [currency]);
  const shownViews = useMemo(
    () => views.map((id) => ({ id, label: t(`view_${id}`), filter: filterOf(id) })),
    [t],
  );
  return (
    <ListPage<PaymentRow>
      title={t('title')}
      name="payments"
      api={api}
      topics={topics}
      columns={columns}
      defaults={defaults}
      views={shownViews}
      rowName={({ number }) => number}
      href={(id) => `/payments/${id}`}
      preview={(row) => ({
        body: (
          <Suspense fallback={<Skeleton lines={6} />}>
            <PaymentPreview row={row} />
          </Suspense>
        ),
        footer: (
          <ButtonLink
            look={writes && row.unallocatedMinor > 0 ? 'primary' : 'plain'}
            href={`/payments/${row.id}`}
          >
            {t(writes && row.unallocatedMinor > 0 ? 'allocate' : 'open_page')}
          </ButtonLink>
        ),
      })}
      {...(can('exports.all') ? { exportHref } : {})}
      actions={writes && <RecordButton label={t('record')} />}
      empty={<FirstUse writes={writes} />}
    />
  );
}

function filterOf(view: (typeof views)[number]) {
  return view === 'all' ? [] : [{ field: 'status', op: 'in', values: [view] } as const];
}

function apiOf(currency: string) {
  return {
    page: client.payments.listPayments,
    rows: client.payments.rowsOfPayments,
    summary: ownCurrencyFirst(currency, client.payments.summarizePayments),
  };
}

function exportHref(input: { f?: string[]; sort?: string }): string {
  return client.payments.exportPayments(input, { format: 'csv' });
}

function RecordButton({ label }: { readonly label: string }) {
  return (
    <ButtonLink href="/payments/new" look="primary" icon="plus" shortcut="N">
      {label}
    </ButtonLink>
  );
}

function FirstUse({ writes }: { readonly writes: boolean }) {
  const t = useWords(english);
  return (
    <Empty
      title={t('empty')}
      icon="payment"
      actions={writes ? <RecordButton label={t('record')} /> : undefined}
    >
      {t(writes ? 'empty_text' : 'empty_read')}
    </Empty>
  );
}

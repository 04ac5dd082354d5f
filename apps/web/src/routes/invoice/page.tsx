import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import { Problem } from '@plinth/core/problem';
import { Head, Skeleton, Tabs, useLocale, useWords } from '@plinth/ui/core';
import { count } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/invoice.json';
import { prefetch, queryOf } from '../../data/queries.ts';
import { InvoiceChip } from '../../parts/invoice-chip.tsx';
import { invoiceQuery } from '../../parts/invoice-queries.ts';
import { type InvoiceDetail, stateOf } from '../../parts/invoice-state.ts';
import { FoundPage } from '../../parts/found-page.tsx';
import { useCan } from '../../shell/session.tsx';
import { DocumentActions } from './document-actions.tsx';
import { Rail } from './rail.tsx';
import { Sheet } from './sheet.tsx';

const PaymentsTab = lazy(async () => {
  const module = await import('./payments-tab.tsx');
  return { default: module.PaymentsTab };
});
const HistoryTab = lazy(async () => {
  const module = await import('../../parts/object-history.tsx');
  return { default: module.ObjectHistory };
});

export function data({ params }: PageProps): void {
  prefetch(invoiceQuery(params['id'] ?? ''));
  prefetch(queryOf('identity', 'getCompany', {}));
}

/** One invoice, credit note or draft: the document, what became of it, what can be done. */
export function Page({ params, search }: PageProps) {
  const t = useWords(english);
  const id = params['id'] ?? '';
  const invoice = useQuery(invoiceQuery(id));
  // Somebody deleted the draft while it is shown here.
  const isGone = invoice.isError && Problem.from(invoice.error).kind === 'notFound';
  return (
    <FoundPage
      query={isGone ? { ...invoice, data: undefined } : invoice}
      title={t('invoice')}
      list={{ href: '/invoices', label: t('to_list') }}
    >
      {(found) => <DocumentPage invoice={found} tab={search.get('tab') ?? 'document'} />}
    </FoundPage>
  );
}

interface DocumentPageProps {
  readonly invoice: InvoiceDetail;
  readonly tab: string;
}

function DocumentPage({ invoice, tab }: DocumentPageProps) {
  const t = useWords(english);
  const { today } = useLocale();
  const title = invoice.number ?? t('draft');
  const kind = invoice.kind === 'invoice' ? t('invoice') : t('credit_note');
  useTitle(
    invoice.number === null
      ? t('draft_for', { name: invoice.customerName })
      : `${kind} ${invoice.number}`,
  );
  return (
    <div className="page">
      <Head
        title={title}
        numeric
        crumbs={[{ label: t('invoices'), href: '/invoices' }, crumbOf(invoice, today, t)]}
        actions={<DocumentActions invoice={invoice} />}
      >
        <InvoiceChip invoice={invoice} days />
      </Head>
      <DocumentTabs invoice={invoice} tab={tab} />
      <div className="detail">
        <div className="min-w-0">
          <Suspense fallback={<Skeleton lines={6} />}>
            {tab === 'payments' && <PaymentsTab invoice={invoice} />}
            {tab === 'history' && <HistoryTab id={invoice.id} />}
          </Suspense>
          {tab !== 'payments' && tab !== 'history' && <Sheet invoice={invoice} />}
        </div>
        <Rail invoice={invoice} />
      </div>
    </div>
  );
}

function DocumentTabs({ invoice, tab }: DocumentPageProps) {
  const t = useWords(english);
  const can = useCan();
  const { formats } = useLocale();
  const href = (name: string) =>
    name === 'document' ? `/invoices/${invoice.id}` : `/invoices/${invoice.id}?tab=${name}`;
  const booked = invoice.payments.length + invoice.creditNotes.length;
  const tabs = [
    { href: href('document'), label: t('tab_document') },
    {
      href: href('payments'),
      label: t('tab_payments'),
      ...(booked === 0 ? {} : { count: count(booked, formats) }),
    },
    ...(can('audit.read') ? [{ href: href('history'), label: t('tab_history') }] : []),
  ];
  return <Tabs label={t('invoice')} tabs={tabs} current={href(tab)} />;
}

type Words = ReturnType<typeof useWords<typeof english>>;

/** The view of the list in which the document stands. */
function crumbOf(
  invoice: InvoiceDetail,
  today: string,
  t: Words,
): { readonly label: string; readonly href: string } {
  const state = stateOf(invoice, today);
  const view = viewOfState[state];
  return { label: t(`crumb_${view.word}`), href: `/invoices?f=status:in:${view.value}` };
}

const viewOfState = {
  draft: { word: 'draft', value: 'draft' },
  issued: { word: 'open', value: 'open' },
  'partly-paid': { word: 'open', value: 'open' },
  overdue: { word: 'overdue', value: 'overdue' },
  settled: { word: 'paid', value: 'settled' },
  voided: { word: 'voided', value: 'voided' },
} as const;

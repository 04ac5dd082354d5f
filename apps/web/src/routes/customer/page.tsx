import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import { Chip, Head, Note, Skeleton, Tabs, useLocale, useWords } from '@plinth/ui/core';
import { dayAt, day } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/customer.json';
import { prefetch } from '../../data/queries.ts';
import { PageFailure } from '../../parts/page-failure.tsx';
import { useCan } from '../../shell/session.tsx';
import { CustomerActions } from './actions.tsx';
import { InvoicesTab, OpenTab, PaymentsTab } from './documents.tsx';
import { balancesQuery, type Customer, customerQuery, openInvoicesQuery } from './queries.ts';
import { Rail } from './rail.tsx';

const StatementTab = lazy(async () => {
  const module = await import('./statement.tsx');
  return { default: module.StatementTab };
});
const ContactsTab = lazy(async () => {
  const module = await import('./contacts.tsx');
  return { default: module.ContactsTab };
});
const HistoryTab = lazy(async () => {
  const module = await import('./history.tsx');
  return { default: module.HistoryTab };
});

export function data({ params }: PageProps): void {
  const id = params['id'] ?? '';
  prefetch(customerQuery(id));
  prefetch(balancesQuery(id));
  prefetch(openInvoicesQuery(id));
}

/** One customer: what they owe, what they bought and paid, who they are. */
export function Page({ params, search }: PageProps) {
  const t = useWords(english);
  const customer = useQuery(customerQuery(params['id'] ?? ''));
  if (customer.data !== undefined) {
    return <CustomerPage customer={customer.data} search={search} />;
  }
  if (customer.isError) {
    return (
      <PageFailure
        error={customer.error}
        onRetry={() => void customer.refetch()}
        list={{ href: '/customers', label: t('customers') }}
      />
    );
  }
  return (
    <div className="page">
      <Head title={t('title')} />
      <Skeleton lines={10} />
    </div>
  );
}

interface CustomerPageProps {
  readonly customer: Customer;
  readonly search: URLSearchParams;
}

function CustomerPage({ customer, search }: CustomerPageProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { id, name, archivedAt } = customer;
  const tab = search.get('tab') ?? 'open';
  useTitle(name);
  return (
    <div className="page">
      <Head
        title={name}
        crumbs={[{ label: t('customers'), href: '/customers' }]}
        count={customer.number}
        actions={<CustomerActions customer={customer} />}
      >
        {archivedAt !== null && <Chip>{t('archived_chip')}</Chip>}
      </Head>
      {archivedAt !== null && (
        <div className="mt-3">
          <Note>
            {t('archived_note', {
              day: day(dayAt(Date.parse(archivedAt), formats.userZone), formats),
            })}
          </Note>
        </div>
      )}
      <CustomerTabs id={id} tab={tab} contacts={customer.contacts.length} />
      <div className="detail">
        <div className="min-w-0">
          <Suspense fallback={<Skeleton lines={8} />}>
            <TabBody customer={customer} tab={tab} search={search} />
          </Suspense>
        </div>
        <Rail customer={customer} />
      </div>
    </div>
  );
}

interface TabsProps {
  readonly id: string;
  readonly tab: string;
  readonly contacts: number;
}

function CustomerTabs({ id, tab, contacts }: TabsProps) {
  const t = useWords(english);
  const can = useCan();
  const href = (name: string) =>
    name === 'open' ? `/customers/${id}` : `/customers/${id}?tab=${name}`;
  const names = ['open', 'invoices', 'payments', 'statement', 'contacts', 'history'] as const;
  const tabs = names
    .filter((name) => name !== 'history' || can('audit.read'))
    .map((name) => ({
      href: href(name),
      label: t(`tab_${name}`),
      ...(name === 'contacts' && contacts > 0 ? { count: String(contacts) } : {}),
    }));
  return <Tabs label={t('tabs')} tabs={tabs} current={href(tab)} />;
}

interface TabBodyProps extends CustomerPageProps {
  readonly tab: string;
}

function TabBody({ customer, tab, search }: TabBodyProps) {
  if (tab === 'invoices') return <InvoicesTab id={customer.id} />;
  if (tab === 'payments') return <PaymentsTab id={customer.id} />;
  if (tab === 'statement') return <StatementTab customer={customer} search={search} />;
  if (tab === 'contacts') return <ContactsTab customer={customer} />;
  if (tab === 'history') return <HistoryTab id={customer.id} />;
  return <OpenTab id={customer.id} />;
}

import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import { Chip, Head, Note, Skeleton, Tabs, useLocale, useWords } from '@plinth/ui/core';
import { dayAt, day } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/customer.json';
import { prefetch } from '../../data/queries.ts';
import { FoundPage } from '../../parts/found-page.tsx';
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
  const module = await import('../../parts/object-history.tsx');
  return { default: module.ObjectHistory };
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
  return (
    <FoundPage
      query={customer}
      title={t('title')}
      list={{ href: '/customers', label: t('customers') }}
    >
      {(found) => <CustomerPage customer={found} search={search} />}
    </FoundPage>
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

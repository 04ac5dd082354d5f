import { useQuery } from '@tanstack/react-query';

import { Empty, Head, Skeleton, useWords } from '@plinth/ui/core';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/payment-new.json';
import { queryOf } from '../../data/queries.ts';
import { PageFailure } from '../../parts/page-failure.tsx';
import { useCan } from '../../shell/session.tsx';
import { RecordForm } from './record-form.tsx';

/** Record a payment; `?customer=` and `?invoice=` say what it is for. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('title'));
  const can = useCan();
  const customerId = search.get('customer') ?? '';
  const invoiceId = search.get('invoice') ?? '';
  const customer = useQuery({
    ...queryOf('customers', 'getCustomer', { id: customerId }),
    enabled: customerId !== '',
  });
  const open = useQuery({
    ...queryOf('payments', 'listOpenItems', { customerId }),
    enabled: customerId !== '',
  });
  if (!can('payments.write')) return <Forbidden />;
  if (customerId !== '' && (customer.isError || open.isError)) {
    return (
      <PageFailure
        error={customer.error ?? open.error}
        onRetry={() => {
          void customer.refetch();
          void open.refetch();
        }}
        list={{ href: '/payments', label: t('payments') }}
      />
    );
  }
  if (customerId !== '' && (customer.data === undefined || open.data === undefined)) {
    return (
      <div className="page">
        <Head title={t('title')} />
        <Skeleton lines={8} />
      </div>
    );
  }
  const invoice = open.data?.items.find((item) => item.invoiceId === invoiceId);
  return <RecordForm customer={customer.data} invoice={invoice} />;
}

function Forbidden() {
  const t = useWords(english);
  return (
    <div className="page">
      <Head title={t('title')} />
      <Empty title={t('forbidden')} icon="lock" />
    </div>
  );
}

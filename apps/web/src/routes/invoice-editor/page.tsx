import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { Empty, Head, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import { addDays } from '@plinth/ui/format';
import { type PageProps, useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/draft.json';
import { queryOf } from '../../data/queries.ts';
import { invoiceQuery } from '../../parts/invoice-queries.ts';
import { PageFailure } from '../../parts/page-failure.tsx';
import { useCan, useMe } from '../../shell/session.tsx';
import { takeCarried } from './carried-drafts.ts';
import { emptyDraft } from './draft-text.ts';
import { Editor } from './editor.tsx';

/** `?new=1`: the server has not seen it yet. `?customer=` is whom it is for. */
export function Page({ params, search }: PageProps) {
  const t = useWords(english);
  const can = useCan();
  const id = params['id'] ?? '';
  if (!can('invoicing.write')) {
    return (
      <div className="page">
        <Head title={t('draft')} />
        <Empty title={t('forbidden')} icon="lock" />
      </div>
    );
  }
  return <EditorPage key={id} id={id} search={search} />;
}

interface EditorPageProps {
  readonly id: string;
  readonly search: URLSearchParams;
}

/** A draft stays in the editor that it began in: its address changes with the first save, the page does not. */
function EditorPage({ id, search }: EditorPageProps) {
  const [isNew] = useState(() => search.get('new') === '1');
  const [customerId] = useState(() => search.get('customer') ?? '');
  return isNew ? <NewDraft id={id} customerId={customerId} /> : <StoredDraft id={id} />;
}

interface NewDraftProps {
  readonly id: string;
  readonly customerId: string;
}

function NewDraft({ id, customerId }: NewDraftProps) {
  const { today } = useLocale();
  const { tenant } = useMe();
  const customer = useQuery({
    ...queryOf('customers', 'getCustomer', { id: customerId }),
    enabled: customerId !== '',
  });
  if (customerId !== '' && customer.isPending) return <Loading />;
  const empty = takeCarried(id) ?? emptyDraft(today, tenant.currency);
  if (customer.data === undefined) return <Editor id={id} begin={empty} />;
  const { id: picked, name, currency, termDays } = customer.data;
  const dueDate = addDays(empty.issueDate, termDays);
  return <Editor id={id} begin={{ ...empty, customer: { id: picked, name }, currency, dueDate }} />;
}

function StoredDraft({ id }: { readonly id: string }) {
  const t = useWords(english);
  const router = useRouter();
  const invoice = useQuery(invoiceQuery(id));
  const { data } = invoice;
  const isIssued = data !== undefined && data.status !== 'draft';
  // Who opens the editor of an issued invoice gets the invoice. While one types here, the editor itself says so.
  useEffect(() => {
    if (isIssued) router.navigate(`/invoices/${id}`, { replace: true });
  }, []);
  if (data !== undefined) return <Editor id={id} begin={data} />;
  if (invoice.isError) {
    return (
      <PageFailure
        error={invoice.error}
        onRetry={() => void invoice.refetch()}
        list={{ href: '/invoices', label: t('to_list') }}
      />
    );
  }
  return <Loading />;
}

function Loading() {
  const t = useWords(english);
  return (
    <div className="page">
      <Head title={t('draft')} />
      <Skeleton lines={8} />
    </div>
  );
}

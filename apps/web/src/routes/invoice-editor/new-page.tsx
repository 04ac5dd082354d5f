import { useEffect } from 'react';

import { Head, Skeleton, useWords } from '@plinth/ui/core';
import { type PageProps, useRouter, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/draft.json';
import { newId } from '../../parts/new-id.ts';

/** A new draft has its id, and so its address, before anything is typed: a reload or a lost answer makes no second. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  const router = useRouter();
  useTitle(t('new_invoice'));
  useEffect(() => {
    const query = new URLSearchParams(search);
    query.set('new', '1');
    router.navigate(`/invoices/${newId()}/edit?${query.toString()}`, { replace: true });
  }, []);
  return (
    <div className="page">
      <Head title={t('new_invoice')} />
      <Skeleton lines={8} />
    </div>
  );
}

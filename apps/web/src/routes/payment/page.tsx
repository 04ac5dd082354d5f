import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Button, Head, Menu, useToast, useWords } from '@plinth/ui/core';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/payment.json';
import { prefetch } from '../../data/queries.ts';
import { FoundPage } from '../../parts/found-page.tsx';
import { PaymentChip } from '../../parts/payment-chip.tsx';
import { paymentQuery } from '../../parts/payment-queries.ts';
import type { PaymentDetail } from '../../parts/payment-state.ts';
import { useCan } from '../../shell/session.tsx';
import { Allocations } from './allocations.tsx';
import { PaymentRail } from './payment-rail.tsx';
import { Refunds } from './refunds.tsx';
import { useUnallocate } from './use-unallocate.ts';

const AllocateDialog = lazy(async () => {
  const module = await import('./allocate-dialog.tsx');
  return { default: module.AllocateDialog };
});
const RefundDialog = lazy(async () => {
  const module = await import('./refund-dialog.tsx');
  return { default: module.RefundDialog };
});

export function data({ params }: PageProps): void {
  prefetch(paymentQuery(params['id'] ?? ''));
}

/** One payment: which invoices it pays, what is left of it, what can be done. */
export function Page({ params }: PageProps) {
  const t = useWords(english);
  const payment = useQuery(paymentQuery(params['id'] ?? ''));
  return (
    <FoundPage query={payment} title={t('title')} list={{ href: '/payments', label: t('to_list') }}>
      {(found) => <PaymentPage payment={found} />}
    </FoundPage>
  );
}

interface PaymentProps {
  readonly payment: PaymentDetail;
}

function PaymentPage({ payment }: PaymentProps) {
  const t = useWords(english);
  useTitle(`${t('title')} ${payment.number}`);
  return (
    <div className="page">
      <Head
        title={payment.number}
        numeric
        crumbs={[{ label: t('payments'), href: '/payments' }]}
        actions={<PaymentActions payment={payment} />}
      >
        <PaymentChip payment={payment} />
      </Head>
      <div className="detail">
        <div className="flex min-w-0 flex-col gap-4">
          <Allocations payment={payment} />
          {payment.refunds.length > 0 && <Refunds payment={payment} />}
        </div>
        <PaymentRail payment={payment} />
      </div>
    </div>
  );
}

function PaymentActions({ payment }: PaymentProps) {
  const t = useWords(english);
  const can = useCan();
  const toast = useToast();
  const [dialog, setDialog] = useState<'allocate' | 'refund' | undefined>(undefined);
  const unallocate = useUnallocate(payment);
  const writes = can('payments.write');
  const hasLeft = writes && payment.unallocatedMinor > 0;
  const close = () => setDialog(undefined);
  const { href } = new URL(`/payments/${payment.id}`, location.href);
  return (
    <>
      {hasLeft && (
        <>
          <Button className="wide-only" onClick={() => setDialog('refund')}>
            {t('refund')}
          </Button>
          <Button look="primary" onClick={() => setDialog('allocate')}>
            {t('allocate')}
          </Button>
        </>
      )}
      <Menu
        label={t('more')}
        icon="more"
        iconOnly
        className="btn icon"
        items={[
          ...(hasLeft ? [{ label: t('refund'), onSelect: () => setDialog('refund') }] : []),
          ...(writes && payment.allocations.length > 0
            ? [{ label: t('unallocate_all'), onSelect: () => unallocate.run() }]
            : []),
          {
            label: t('copy_link'),
            icon: 'link',
            onSelect: () =>
              void navigator.clipboard
                .writeText(href)
                .then(() => toast({ text: t('link_copied') })),
          },
        ]}
      />
      <Suspense fallback={null}>
        {dialog === 'allocate' && <AllocateDialog payment={payment} onClose={close} />}
        {dialog === 'refund' && <RefundDialog payment={payment} onClose={close} />}
      </Suspense>
    </>
  );
}

import { useQuery } from '@tanstack/react-query';

import { ErrorState, Facts, Money, PayLine, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import { amount, day } from '@plinth/ui/format';

import english from '../../../messages/en/payments.json';
import { queryOf } from '../../data/queries.ts';
import { PaymentChip } from '../../parts/payment-chip.tsx';
import { useMethod } from '../../parts/payment-method.ts';
import { allocatedRatio, type PaymentDetail, type PaymentRow } from '../../parts/payment-state.ts';

interface PreviewProps {
  readonly row: PaymentRow;
}

/** What the list's row says at once, which invoices it pays as soon as that is here. */
export function PaymentPreview({ row }: PreviewProps) {
  const t = useWords(english);
  const methodName = useMethod();
  const { formats } = useLocale();
  const payment = useQuery(queryOf('payments', 'getPayment', { id: row.id }));
  const figures = (minor: number) => amount({ minor, currency: row.currency }, formats);
  const allocated = t('allocated_of', {
    allocated: figures(row.allocatedMinor),
    total: figures(row.amountMinor - row.refundedMinor),
  });
  return (
    <>
      <section>
        <PaymentChip payment={row} />
        <p className="figure num mt-2">
          <Money minor={row.amountMinor} currency={row.currency} />
        </p>
        <PayLine ratio={allocatedRatio(row)} label={allocated} />
        <p className="muted num">{allocated}</p>
      </section>
      <section>
        <Facts
          items={[
            [
              t('customer'),
              <a href={`/customers/${row.customerId}`}>
                <bdi>{row.customerName}</bdi>
              </a>,
            ],
            [t('received'), <span className="num">{day(row.receivedOn, formats)}</span>],
            [t('method'), methodName(row.method)],
            ...(row.reference === null ? [] : [[t('reference'), row.reference] as const]),
          ]}
        />
      </section>
      {payment.isPending && <Skeleton lines={3} />}
      {payment.isError && (
        <ErrorState error={payment.error} onRetry={() => void payment.refetch()} />
      )}
      {payment.data !== undefined && <Allocations payment={payment.data} />}
    </>
  );
}

function Allocations({ payment }: { readonly payment: PaymentDetail }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { allocations, currency } = payment;
  return (
    <section>
      <h3 className="mb-2 text-small font-medium text-muted">{t('allocations')}</h3>
      {allocations.length === 0 ? (
        <p className="muted">{t('nothing')}</p>
      ) : (
        <Facts
          items={allocations.map(({ invoiceId, invoiceNumber, amountMinor }) => [
            invoiceNumber,
            <a className="num" href={`/invoices/${invoiceId}`}>
              {amount({ minor: amountMinor, currency }, formats)}
            </a>,
          ])}
        />
      )}
    </section>
  );
}

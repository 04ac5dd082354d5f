import { Facts, Panel, useLocale, useWords } from '@plinth/ui/core';
import { day, instant, percent } from '@plinth/ui/format';

import english from '../../../messages/en/payment.json';
import { FigurePanel } from '../../parts/figure-panel.tsx';
import { useMethod } from '../../parts/payment-method.ts';
import { allocatedRatio, type PaymentDetail } from '../../parts/payment-state.ts';

interface PaymentRailProps {
  readonly payment: PaymentDetail;
}

/** What is left of the payment, and what is known of it. */
export function PaymentRail({ payment }: PaymentRailProps) {
  return (
    <div className="rail">
      <LeftPanel payment={payment} />
      <DetailsPanel payment={payment} />
    </div>
  );
}

function LeftPanel({ payment }: PaymentRailProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, amountMinor, allocatedMinor, refundedMinor, unallocatedMinor } = payment;
  const ratio = allocatedRatio(payment);
  return (
    <FigurePanel
      title={t('left')}
      currency={currency}
      minor={unallocatedMinor}
      ratio={ratio}
      ratioLabel={t('allocated_ratio', { n: percent(ratio, formats) })}
      parts={[
        [t('amount'), amountMinor],
        [t('allocated'), allocatedMinor],
        [t('refunded'), refundedMinor],
      ]}
    >
      {unallocatedMinor > 0 && <p className="muted mt-2">{t('left_text')}</p>}
    </FigurePanel>
  );
}

function DetailsPanel({ payment }: PaymentRailProps) {
  const t = useWords(english);
  const methodName = useMethod();
  const { formats } = useLocale();
  const { customerId, customerName, receivedOn, method, reference, note, createdAt } = payment;
  return (
    <Panel title={t('details')}>
      <Facts
        items={[
          [
            t('customer'),
            <a href={`/customers/${customerId}`}>
              <bdi>{customerName}</bdi>
            </a>,
          ],
          [t('received'), <span className="num">{day(receivedOn, formats)}</span>],
          [t('method'), methodName(method)],
          ...(reference === null ? [] : [[t('reference'), <bdi>{reference}</bdi>] as const]),
          [
            t('recorded'),
            <span className="num muted">{instant(Date.parse(createdAt), formats)}</span>,
          ],
          ...(note === null || note === '' ? [] : [[t('note'), note] as const]),
        ]}
      />
    </Panel>
  );
}

import { Panel, useLocale, useWords } from '@plinth/ui/core';
import { amount, day } from '@plinth/ui/format';

import english from '../../../messages/en/payment.json';
import type { PaymentDetail } from '../../parts/payment-state.ts';

interface RefundsProps {
  readonly payment: PaymentDetail;
}

/** What went back to the customer, and why. */
export function Refunds({ payment: { refunds, currency } }: RefundsProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  return (
    <Panel title={t('refunds')} flush>
      <table className="tbl">
        <thead>
          <tr>
            <th scope="col">{t('refunded_on')}</th>
            <th scope="col">{t('reason')}</th>
            <th scope="col" className="end">
              {t('amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {refunds.map(({ id, refundedOn, reason, amountMinor }) => (
            <tr key={id}>
              <td className="num">{day(refundedOn, formats)}</td>
              <td>{reason}</td>
              <td className="end num">{amount({ minor: amountMinor, currency }, formats)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

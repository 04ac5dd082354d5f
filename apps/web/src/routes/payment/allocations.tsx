import { Button, Panel, useLocale, useWords } from '@plinth/ui/core';
import { amount, day, instant } from '@plinth/ui/format';

import english from '../../../messages/en/payment.json';
import type { PaymentDetail } from '../../parts/payment-state.ts';
import { useCan } from '../../shell/session.tsx';
import { useUnallocate } from './use-unallocate.ts';

interface AllocationsProps {
  readonly payment: PaymentDetail;
}

/** The invoices that the payment pays; each part can be taken back. */
export function Allocations({ payment }: AllocationsProps) {
  const t = useWords(english);
  if (payment.allocations.length === 0) {
    return (
      <Panel title={t('allocations')}>
        <p className="muted">{t('no_allocations')}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t('allocations')} flush>
      <div className="scroll">
        <AllocationTable payment={payment} />
      </div>
    </Panel>
  );
}

function AllocationTable({ payment }: AllocationsProps) {
  const t = useWords(english);
  const can = useCan();
  const { formats, today } = useLocale();
  const unallocate = useUnallocate(payment);
  const writes = can('payments.write');
  const { allocations, currency } = payment;
  return (
    <table className="tbl">
      <thead>
        <tr>
          <th scope="col">{t('invoice')}</th>
          <th scope="col" className="wide-only">
            {t('due')}
          </th>
          <th scope="col" className="wide-only">
            {t('when')}
          </th>
          <th scope="col" className="end">
            {t('amount')}
          </th>
          {writes && <th />}
        </tr>
      </thead>
      <tbody>
        {allocations.map(({ invoiceId, invoiceNumber, dueDate, allocatedAt, amountMinor }) => (
          <tr key={invoiceId}>
            <td className="num">
              <a href={`/invoices/${invoiceId}`}>{invoiceNumber}</a>
            </td>
            <td className="num wide-only">{day(dueDate, formats, { shortBefore: today })}</td>
            <td className="num muted wide-only">{instant(Date.parse(allocatedAt), formats)}</td>
            <td className="end num">{amount({ minor: amountMinor, currency }, formats)}</td>
            {writes && (
              <td className="end">
                <Button
                  look="quiet"
                  icon="undo"
                  busy={unallocate.busy}
                  onClick={() => unallocate.run(invoiceId)}
                >
                  {t('take_back')}
                  <span className="sr">{invoiceNumber}</span>
                </Button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

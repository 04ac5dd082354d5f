import { ButtonLink, Empty, Panel, useLocale, useWords } from '@plinth/ui/core';
import { amount, day } from '@plinth/ui/format';

import english from '../../../messages/en/invoice.json';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { useMethod } from '../../parts/payment-method.ts';
import { useCan } from '../../shell/session.tsx';

interface PaymentsTabProps {
  readonly invoice: InvoiceDetail;
}

/** What was paid on the document and what credit notes took off. */
export function PaymentsTab({ invoice }: PaymentsTabProps) {
  const t = useWords(english);
  const { payments, creditNotes } = invoice;
  if (payments.length === 0 && creditNotes.length === 0) return <Nothing invoice={invoice} />;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {payments.length > 0 && (
        <Panel title={t('payments')} flush>
          <Payments invoice={invoice} />
        </Panel>
      )}
      {creditNotes.length > 0 && (
        <Panel title={t('credit_notes')} flush>
          <CreditNotes invoice={invoice} />
        </Panel>
      )}
    </div>
  );
}

function Nothing({ invoice }: PaymentsTabProps) {
  const t = useWords(english);
  const can = useCan();
  const owed = invoice.openMinor > 0 && invoice.status !== 'draft';
  const href = `/payments/new?customer=${invoice.customerId}&invoice=${invoice.id}`;
  return (
    <Empty
      title={t('no_payments')}
      icon="payment"
      actions={
        owed && can('payments.write') ? (
          <ButtonLink href={href}>{t('record_payment')}</ButtonLink>
        ) : undefined
      }
    >
      {invoice.status === 'draft' ? t('no_payments_draft') : undefined}
    </Empty>
  );
}

function Payments({ invoice: { payments, currency } }: PaymentsTabProps) {
  const t = useWords(english);
  const methodName = useMethod();
  const { formats } = useLocale();
  return (
    <table className="tbl">
      <thead>
        <tr>
          <th scope="col">{t('received')}</th>
          <th scope="col">{t('method')}</th>
          <th scope="col" className="wide-only">
            {t('reference')}
          </th>
          <th scope="col" className="end">
            {t('amount')}
          </th>
        </tr>
      </thead>
      <tbody>
        {payments.map(({ paymentId, receivedOn, method, reference, amountMinor }) => (
          <tr key={paymentId}>
            <td>
              <a className="num" href={`/payments/${paymentId}`}>
                {day(receivedOn, formats)}
              </a>
            </td>
            <td>{methodName(method)}</td>
            <td className="wide-only clip">{reference}</td>
            <td className="end num">{amount({ minor: amountMinor, currency }, formats)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CreditNotes({ invoice: { creditNotes, currency } }: PaymentsTabProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  return (
    <table className="tbl">
      <thead>
        <tr>
          <th scope="col">{t('number')}</th>
          <th scope="col">{t('issued_on')}</th>
          <th scope="col" className="end">
            {t('amount')}
          </th>
        </tr>
      </thead>
      <tbody>
        {creditNotes.map(({ id, number, issueDate, grossMinor }) => (
          <tr key={id}>
            <td>
              <a className="num" href={`/invoices/${id}`}>
                {number}
              </a>
            </td>
            <td className="num">{day(issueDate, formats)}</td>
            <td className="end num">{amount({ minor: grossMinor, currency }, formats)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

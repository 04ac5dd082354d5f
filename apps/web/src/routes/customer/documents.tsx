import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import {
  Empty,
  ErrorState,
  type IconName,
  Panel,
  Skeleton,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { amount, day } from '@plinth/ui/format';

import english from '../../../messages/en/customer.json';
import { InvoiceChip } from '../../parts/invoice-chip.tsx';
import type { InvoiceRow } from '../../parts/invoice-state.ts';
import { useMethod } from '../../parts/payment-method.ts';
import { invoicesQuery, openInvoicesQuery, paymentsQuery, rowsMax } from './queries.ts';

interface TabProps {
  readonly id: string;
}

/** What is owed, the oldest due date first. */
export function OpenTab({ id }: TabProps) {
  const t = useWords(english);
  const open = useQuery(openInvoicesQuery(id));
  return (
    <Listed
      asked={open}
      title={t('tab_open')}
      href={`/invoices?f=${encodeURIComponent(`customerId:in:${id}`)}&f=status%3Ain%3Aopen`}
      empty={{ title: t('no_open'), text: t('no_open_text'), icon: 'check' }}
    >
      {(items) => <InvoiceTable items={items} figure="openMinor" />}
    </Listed>
  );
}

export function InvoicesTab({ id }: TabProps) {
  const t = useWords(english);
  const invoices = useQuery(invoicesQuery(id));
  return (
    <Listed
      asked={invoices}
      title={t('tab_invoices')}
      href={`/invoices?f=${encodeURIComponent(`customerId:in:${id}`)}`}
      empty={{ title: t('no_invoices'), icon: 'invoice' }}
    >
      {(items) => <InvoiceTable items={items} figure="grossMinor" />}
    </Listed>
  );
}

interface InvoiceTableProps {
  readonly items: readonly InvoiceRow[];
  readonly figure: 'openMinor' | 'grossMinor';
}

function InvoiceTable({ items, figure }: InvoiceTableProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  return (
    <table className="tbl">
      <thead>
        <tr>
          <th scope="col">{t('invoice_number')}</th>
          <th scope="col" className="wide-only">
            {t('issued')}
          </th>
          <th scope="col">{t('due')}</th>
          <th scope="col" className="wide-only">
            {t('status')}
          </th>
          <th scope="col" className="end">
            {t(figure === 'openMinor' ? 'open' : 'total')}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((invoice) => (
          <tr key={invoice.id}>
            <td>
              <a className="num" href={`/invoices/${invoice.id}`}>
                {invoice.number ?? t('draft')}
              </a>
            </td>
            <td className="num muted wide-only">{day(invoice.issueDate, formats)}</td>
            <td className="num muted">{day(invoice.dueDate, formats)}</td>
            <td className="wide-only">
              <InvoiceChip invoice={invoice} days />
            </td>
            <td className="end num strong">
              <span className="cur wide-only">{invoice.currency}</span>
              {amount({ minor: invoice[figure], currency: invoice.currency }, formats)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function PaymentsTab({ id }: TabProps) {
  const t = useWords(english);
  const methodName = useMethod();
  const { formats } = useLocale();
  const payments = useQuery(paymentsQuery(id));
  return (
    <Listed
      asked={payments}
      title={t('tab_payments')}
      href={`/payments?f=${encodeURIComponent(`customerId:in:${id}`)}`}
      empty={{ title: t('no_payments'), icon: 'payment' }}
    >
      {(items) => (
        <table className="tbl">
          <thead>
            <tr>
              <th scope="col">{t('invoice_number')}</th>
              <th scope="col">{t('received')}</th>
              <th scope="col" className="wide-only">
                {t('method')}
              </th>
              <th scope="col" className="end wide-only">
                {t('unallocated')}
              </th>
              <th scope="col" className="end">
                {t('amount')}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((payment) => (
              <tr key={payment.id}>
                <td>
                  <a className="num" href={`/payments/${payment.id}`}>
                    {payment.number}
                  </a>
                </td>
                <td className="num muted">{day(payment.receivedOn, formats)}</td>
                <td className="muted wide-only">{methodName(payment.method)}</td>
                <td className="end num muted wide-only">
                  {amount({ minor: payment.unallocatedMinor, currency: payment.currency }, formats)}
                </td>
                <td className="end num strong">
                  <span className="cur wide-only">{payment.currency}</span>
                  {amount({ minor: payment.amountMinor, currency: payment.currency }, formats)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Listed>
  );
}

interface Asked<row> {
  readonly data:
    | { readonly items: readonly row[]; readonly total: { readonly n: number } }
    | undefined;
  readonly error: unknown;
  readonly isError: boolean;
  refetch(): unknown;
}

interface ListedProps<row> {
  readonly asked: Asked<row>;
  readonly title: string;
  /** The list with all of them. */
  readonly href: string;
  readonly empty: { readonly title: string; readonly text?: string; readonly icon: IconName };
  children(items: readonly row[]): ReactNode;
}

/** The first of them in a panel, with the way to the rest. */
function Listed<row>({ asked, title, href, empty, children }: ListedProps<row>) {
  const t = useWords(english);
  if (asked.data === undefined) {
    return asked.isError ? (
      <ErrorState error={asked.error} onRetry={() => void asked.refetch()} />
    ) : (
      <Skeleton lines={8} />
    );
  }
  const { items, total } = asked.data;
  if (items.length === 0) {
    return (
      <Empty title={empty.title} icon={empty.icon}>
        {empty.text}
      </Empty>
    );
  }
  const word = href.startsWith('/payments') ? 'all_payments' : 'all_invoices';
  return (
    <Panel
      title={title}
      flush
      note={total.n > items.length ? t('latest', { n: rowsMax }) : undefined}
      more={<a href={href}>{t(word)}</a>}
    >
      <div className="scroll" tabIndex={0} role="region" aria-label={`${title}, ${total.n}`}>
        {children(items)}
      </div>
    </Panel>
  );
}

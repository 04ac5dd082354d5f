import { Facts, Money, Panel, useLocale, useWords } from '@plinth/ui/core';
import { percent } from '@plinth/ui/format';

import english from '../../../messages/en/invoice.json';
import { FigurePanel } from '../../parts/figure-panel.tsx';
import { type InvoiceDetail, paidRatio } from '../../parts/invoice-state.ts';
import { InvoiceTimeline } from '../../parts/invoice-timeline.tsx';

interface RailProps {
  readonly invoice: InvoiceDetail;
}

/** Beside the document: what is open, what happened, what is known of it. */
export function Rail({ invoice }: RailProps) {
  const t = useWords(english);
  return (
    <div className="rail">
      {invoice.status === 'draft' || invoice.kind === 'credit-note' ? (
        <TotalPanel invoice={invoice} />
      ) : (
        <OpenPanel invoice={invoice} />
      )}
      {invoice.status !== 'draft' && invoice.kind === 'invoice' && (
        <Panel title={t('timeline')}>
          <InvoiceTimeline invoice={invoice} />
        </Panel>
      )}
      <DetailsPanel invoice={invoice} />
      {invoice.internalNote !== null && invoice.internalNote !== '' && (
        <Panel title={t('internal_note')} note={t('internal_hint')}>
          <p className="whitespace-pre-wrap">{invoice.internalNote}</p>
        </Panel>
      )}
    </div>
  );
}

function OpenPanel({ invoice }: RailProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, openMinor, grossMinor, paidMinor, creditedMinor } = invoice;
  const ratio = paidRatio(invoice);
  return (
    <FigurePanel
      title={t('open_amount')}
      currency={currency}
      minor={openMinor}
      ratio={ratio}
      ratioLabel={t('paid_ratio', { n: percent(ratio, formats) })}
      parts={[
        [t('total_amount'), grossMinor],
        [t('paid'), paidMinor],
        [t('credited'), creditedMinor],
      ]}
    />
  );
}

function TotalPanel({ invoice: { kind, grossMinor, currency } }: RailProps) {
  const t = useWords(english);
  const isCredit = kind === 'credit-note';
  return (
    <Panel title={t(isCredit ? 'credit_amount' : 'total_amount')}>
      <p className="figure num">
        <Money minor={isCredit ? -grossMinor : grossMinor} currency={currency} />
      </p>
    </Panel>
  );
}

function DetailsPanel({ invoice }: RailProps) {
  const t = useWords(english);
  const { kind, customerId, customerName, termDays, creditNotes, credits } = invoice;
  return (
    <Panel title={t('facts')}>
      <Facts
        items={[
          [
            t('customer'),
            <a href={`/customers/${customerId}`}>
              <bdi>{customerName}</bdi>
            </a>,
          ],
          ...(kind === 'invoice' ? [[t('terms'), t('terms_days', { n: termDays })] as const] : []),
          ...(creditNotes.length === 0
            ? []
            : [[t('credit_notes'), <CreditNotes notes={creditNotes} />] as const]),
          ...(credits === null
            ? []
            : [
                [
                  t('invoice'),
                  <a className="num" href={`/invoices/${credits.id}`}>
                    {credits.number}
                  </a>,
                ] as const,
              ]),
        ]}
      />
    </Panel>
  );
}

function CreditNotes({ notes }: { readonly notes: InvoiceDetail['creditNotes'] }) {
  return notes.map(({ id, number }) => (
    <a key={id} className="num block" href={`/invoices/${id}`}>
      {number}
    </a>
  ));
}

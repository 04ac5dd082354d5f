import { useQuery } from '@tanstack/react-query';

import {
  ButtonLink,
  type ComponentChildren,
  ErrorState,
  Facts,
  Money,
  PayLine,
  Skeleton,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { amount, day, percent } from '@plinth/ui/format';

import english from '../../../messages/en/invoices-more.json';
import { queryOf } from '../../data/queries.ts';
import { InvoiceChip } from '../../parts/invoice-chip.tsx';
import { quantityText } from '../../parts/invoice-quantity.ts';
import { type InvoiceDetail, type InvoiceRow, paidRatio } from '../../parts/invoice-state.ts';
import { InvoiceTimeline } from '../../parts/invoice-timeline.tsx';
import { useCan } from '../../shell/session.tsx';

interface RowProps {
  readonly row: InvoiceRow;
}

/** What the list's row says at once, what the document says as soon as it is here. */
export function InvoicePreview({ row }: RowProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const invoice = useQuery(queryOf('invoicing', 'getInvoice', { id: row.id }));
  const { currency } = row;
  const figures = (minor: number) => amount({ minor, currency }, formats);
  const isOpen = row.kind === 'invoice' && row.status !== 'draft';
  const paid = t('paid_of', {
    paid: figures(row.paidMinor),
    total: figures(row.grossMinor - row.creditedMinor),
  });
  return (
    <>
      <section>
        <p className="flex items-center gap-2">
          <InvoiceChip invoice={row} days />
        </p>
        <p className="figure num mt-2">
          <Money minor={isOpen ? row.openMinor : row.grossMinor} currency={currency} />
        </p>
        {isOpen && (
          <>
            <PayLine ratio={paidRatio(row)} label={paid} />
            <p className="muted num">{paid}</p>
          </>
        )}
      </section>
      <section>
        <PreviewFacts row={row} />
      </section>
      {invoice.isError && (
        <ErrorState error={invoice.error} onRetry={() => void invoice.refetch()} />
      )}
      {invoice.isPending && <Skeleton lines={4} />}
      {invoice.data !== undefined && <PreviewDetail invoice={invoice.data} />}
    </>
  );
}

function PreviewFacts({ row }: RowProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { customerId, customerName, reference, issueDate, dueDate, status } = row;
  const date = (text: string) => <span className="num">{day(text, formats)}</span>;
  return (
    <Facts
      items={[
        [t('customer'), <a href={`/customers/${customerId}`}>{customerName}</a>],
        ...(reference === null ? [] : [[t('reference'), reference] as const]),
        ...(status === 'draft'
          ? []
          : [[t('issued_on'), date(issueDate)] as const, [t('due'), date(dueDate)] as const]),
      ]}
    />
  );
}

const linesMax = 8;

function PreviewDetail({ invoice }: { readonly invoice: InvoiceDetail }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, lines, taxes } = invoice;
  const figures = (minor: number) => (
    <span className="num">{amount({ minor, currency }, formats)}</span>
  );
  return (
    <>
      <section>
        <h3 className="mb-2 text-small font-medium text-muted">{t('lines')}</h3>
        <dl className="kv">
          {lines.slice(0, linesMax).map(({ position, description, quantity, unit, netMinor }) => (
            <Line
              key={position}
              name={`${description}, ${[quantityText(quantity, formats), unit].filter(Boolean).join(' ')}`}
              value={figures(netMinor)}
            />
          ))}
          {lines.length > linesMax && (
            <Line name={t('more_lines', { n: lines.length - linesMax })} value="" />
          )}
          {taxes.map(({ taxPpm, taxMinor }) => (
            <Line
              key={`tax ${taxPpm}`}
              name={t('tax', { rate: percent(taxPpm / 1_000_000, formats) })}
              value={figures(taxMinor)}
            />
          ))}
        </dl>
      </section>
      {invoice.status !== 'draft' && (
        <section>
          <h3 className="mb-2 text-small font-medium text-muted">{t('latest')}</h3>
          <InvoiceTimeline invoice={invoice} last={4} />
        </section>
      )}
    </>
  );
}

interface LineProps {
  readonly name: string;
  readonly value: ComponentChildren;
}

function Line({ name, value }: LineProps) {
  return (
    <>
      <dt className="clip">{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** What one does next with such a document. */
export function PreviewActions({ row }: RowProps) {
  const t = useWords(english);
  const can = useCan();
  const owed = row.status === 'issued' || row.status === 'partly-paid';
  if (row.status === 'draft' && can('invoicing.write')) {
    return (
      <ButtonLink look="primary" href={`/invoices/${row.id}/edit`} icon="edit">
        {t('edit')}
      </ButtonLink>
    );
  }
  if (owed && row.openMinor > 0 && can('payments.write')) {
    const to = `/payments/new?customer=${row.customerId}&invoice=${row.id}`;
    return (
      <ButtonLink look="primary" href={to}>
        {t('record_payment')}
      </ButtonLink>
    );
  }
  return <ButtonLink href={`/invoices/${row.id}`}>{t('open_page')}</ButtonLink>;
}

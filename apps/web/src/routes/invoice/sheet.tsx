import { useQuery } from '@tanstack/react-query';

import { Money, useLocale, useWords } from '@plinth/ui/core';
import { amount, day, percent } from '@plinth/ui/format';

import english from '../../../messages/en/invoice.json';
import { queryOf } from '../../data/queries.ts';
import { quantityText } from '../../parts/invoice-quantity.ts';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';

interface SheetProps {
  readonly invoice: InvoiceDetail;
}

/** The document as the customer gets it. Addresses come apart: without them it is the document still. */
export function Sheet({ invoice }: SheetProps) {
  const t = useWords(english);
  const { kind, number, note, reason, credits } = invoice;
  return (
    <div className="well">
      <article className="sheet" aria-label={t('tab_document')}>
        <div className="row">
          <div>
            <h2>{kind === 'invoice' ? t('invoice') : t('credit_note')}</h2>
            <p className="num muted">{number ?? t('draft')}</p>
          </div>
          <Sender />
        </div>
        <Meta invoice={invoice} />
        {credits !== null && (
          <p className="num mb-4">
            <a href={`/invoices/${credits.id}`}>{t('credits', { number: credits.number })}</a>
          </p>
        )}
        {reason !== null && <p className="mb-4">{t('reason', { reason })}</p>}
        <Lines invoice={invoice} />
        <Sums invoice={invoice} />
        {note !== null && note !== '' && <p className="mt-6 whitespace-pre-wrap">{note}</p>}
        <Foot number={number} />
      </article>
    </div>
  );
}

function Sender() {
  const t = useWords(english);
  const company = useQuery(queryOf('identity', 'getCompany', {}));
  if (company.data === undefined) return <address />;
  const { name, legalName, street, postalCode, city, vatId } = company.data;
  const lines = [street, [postalCode, city].filter(Boolean).join(' ')];
  return (
    <address className="muted tablet:text-end">
      <strong>{legalName ?? name}</strong>
      <AddressLines lines={lines} />
      {vatId !== null && (
        <>
          <br />
          {t('vat_id', { id: vatId })}
        </>
      )}
    </address>
  );
}

function AddressLines({ lines }: { readonly lines: readonly (string | null)[] }) {
  return lines
    .filter((line) => line !== null && line !== '')
    .map((line) => (
      <span key={line} className="block">
        {line}
      </span>
    ));
}

function Meta({ invoice }: SheetProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { customerId, customerName, issueDate, dueDate, reference, status, kind } = invoice;
  const customer = useQuery(queryOf('customers', 'getCustomer', { id: customerId }));
  const { legalName, street, postalCode, city, country } = customer.data ?? {};
  const dateOf = (date: string) => {
    const text = day(date, formats);
    return status === 'draft' ? t('planned', { date: text }) : text;
  };
  return (
    <div className="meta">
      <div>
        <h3>{t('billed_to')}</h3>
        <bdi>{legalName ?? customerName}</bdi>
        <AddressLines
          lines={[street ?? null, [postalCode, city].filter(Boolean).join(' '), country ?? null]}
        />
      </div>
      <div>
        <h3>{t('issued_on')}</h3>
        <span className="num">{dateOf(issueDate)}</span>
      </div>
      {kind === 'invoice' && (
        <div>
          <h3>{t('due')}</h3>
          <span className="num">{dateOf(dueDate)}</span>
        </div>
      )}
      {reference !== null && (
        <div>
          <h3>{t('reference')}</h3>
          <span className="num">{reference}</span>
        </div>
      )}
    </div>
  );
}

function Lines({ invoice: { lines, currency } }: SheetProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const figures = (minor: number) => amount({ minor, currency }, formats);
  if (lines.length === 0) return <p className="muted">{t('no_lines')}</p>;
  return (
    <table className="tbl">
      <thead>
        <tr>
          <th scope="col">{t('item')}</th>
          <th scope="col" className="end">
            {t('quantity')}
          </th>
          <th scope="col" className="end wide-only">
            {t('unit_price')}
          </th>
          <th scope="col" className="end wide-only">
            {t('tax')}
          </th>
          <th scope="col" className="end">
            {t('net')}
          </th>
        </tr>
      </thead>
      <tbody className="num">
        {lines.map((line) => (
          <tr key={line.position}>
            <td>
              <Description text={line.description} />
            </td>
            <td className="end">
              {[quantityText(line.quantity, formats), line.unit].filter(Boolean).join(' ')}
            </td>
            <td className="end wide-only">{figures(line.unitPriceMinor)}</td>
            <td className="end wide-only">{percent(line.taxPpm / 1_000_000, formats)}</td>
            <td className="end">{figures(line.netMinor)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The first line names the thing, what follows explains it. */
function Description({ text }: { readonly text: string }) {
  const [name = '', ...rest] = text.split('\n');
  return (
    <>
      <bdi>{name}</bdi>
      {rest.length > 0 && <small>{rest.join(' ')}</small>}
    </>
  );
}

function Sums({ invoice }: SheetProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, netMinor, grossMinor, taxes } = invoice;
  return (
    <div className="sum">
      <dl className="kv num">
        <dt>{t('net')}</dt>
        <dd>
          <Money minor={netMinor} currency={currency} bare />
        </dd>
        {taxes.map(({ taxPpm, taxMinor }) => (
          <TaxLine
            key={taxPpm}
            name={t('vat', { rate: percent(taxPpm / 1_000_000, formats) })}
            value={amount({ minor: taxMinor, currency }, formats)}
          />
        ))}
        <dt className="tot">{t('total', { currency })}</dt>
        <dd className="tot">
          <Money minor={grossMinor} currency={currency} bare />
        </dd>
      </dl>
    </div>
  );
}

function TaxLine({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Foot({ number }: { readonly number: string | null }) {
  const t = useWords(english);
  const company = useQuery(queryOf('identity', 'getCompany', {}));
  const iban = company.data?.iban ?? null;
  if (iban === null && number === null) return null;
  return (
    <footer className="num">
      {iban !== null && <span>{t('iban', { iban: iban.replaceAll(/(.{4})(?=.)/gu, '$1 ') })}</span>}
      {number !== null && <span>{t('quote', { number })}</span>}
    </footer>
  );
}

import { useQuery } from '@tanstack/react-query';

import { ErrorState, Money, Panel, Segment, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import { addDays, amount, day } from '@plinth/ui/format';

import english from '../../../messages/en/customer.json';
import { queryOf } from '../../data/queries.ts';
import { balancesQuery, type Customer, type Statement } from './queries.ts';

interface StatementTabProps {
  readonly customer: Customer;
  readonly search: URLSearchParams;
}

const months = ['3', '12', '60'] as const;
const daysAMonth = 30.5;

/** All that changed the debt in a currency, day by day, with the balance after each line. */
export function StatementTab({ customer, search }: StatementTabProps) {
  const t = useWords(english);
  const { today, formats } = useLocale();
  const { id } = customer;
  const balances = useQuery(balancesQuery(id));
  const currency = search.get('currency') ?? customer.currency;
  const period = months.find((one) => one === search.get('period')) ?? '12';
  const from = addDays(today, -Math.round(Number(period) * daysAMonth));
  const statement = useQuery(
    queryOf('customers', 'getStatement', { id, currency, from, to: today }),
  );
  const currencies = new Set([
    customer.currency,
    ...(balances.data?.items.map((balance) => balance.currency) ?? []),
  ]);
  const href = (part: { period?: string; currency?: string }) =>
    `/customers/${id}?${new URLSearchParams({ tab: 'statement', period, currency, ...part }).toString()}`;
  return (
    <Panel
      title={t('statement_of', { currency })}
      note={
        <span className="num wide-only">
          {t('statement_range', { from: day(from, formats), to: day(today, formats) })}
        </span>
      }
      flush
      more={
        <span className="flex gap-2">
          {currencies.size > 1 && (
            <Segment
              label={t('currency')}
              tabs={[...currencies].map((one) => ({ label: one, href: href({ currency: one }) }))}
              current={href({})}
            />
          )}
          <Segment
            label={t('period')}
            tabs={months.map((one) => ({
              label: t(`period_${one}`),
              href: href({ period: one }),
            }))}
            current={href({})}
          />
        </span>
      }
    >
      {statement.isPending && <Skeleton lines={8} />}
      {statement.isError && (
        <ErrorState error={statement.error} onRetry={() => void statement.refetch()} />
      )}
      {statement.data !== undefined && <Lines statement={statement.data} />}
    </Panel>
  );
}

function Lines({ statement }: { readonly statement: Statement }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { lines, currency, from, to, openingMinor, closingMinor } = statement;
  const figure = (minor: number) => amount({ minor, currency }, formats);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('tab_statement')}>
      <table className="tbl dense">
        <thead>
          <tr>
            <th scope="col">{t('day')}</th>
            <th scope="col">{t('document')}</th>
            <th scope="col" className="end">
              {t('change')}
            </th>
            <th scope="col" className="end">
              {t('balance')}
            </th>
          </tr>
        </thead>
        <tbody className="num">
          <tr>
            <td className="muted">{day(from, formats)}</td>
            <td>{t('opening')}</td>
            <td />
            <td className="end">{figure(openingMinor)}</td>
          </tr>
          {lines.map((line) => (
            <tr key={`${line.kind} ${line.id} ${line.day}`}>
              <td className="muted">{day(line.day, formats)}</td>
              <td>
                {t(`kind_${line.kind}`)} <a href={hrefOf(line)}>{line.number}</a>
              </td>
              <td className="end">{figure(line.amountMinor)}</td>
              <td className="end muted">{figure(line.balanceMinor)}</td>
            </tr>
          ))}
          {lines.length === 0 && (
            <tr>
              <td />
              <td className="muted">{t('nothing_moved')}</td>
              <td />
              <td />
            </tr>
          )}
          <tr>
            <td className="muted">{day(to, formats)}</td>
            <td className="strong">{t('closing')}</td>
            <td />
            <td className="end strong">
              <Money minor={closingMinor} currency={currency} />
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function hrefOf({ kind, id }: Statement['lines'][number]): string {
  return kind === 'payment' || kind === 'refund' ? `/payments/${id}` : `/invoices/${id}`;
}

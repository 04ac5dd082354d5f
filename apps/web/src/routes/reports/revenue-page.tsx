import { useQuery } from '@tanstack/react-query';

import { Bars } from '@plinth/ui/charts';
import {
  Empty,
  ErrorState,
  Head,
  Panel,
  Segment,
  Skeleton,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { amount, count, exponentOf, money, month } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/reports.json';
import { queryOf } from '../../data/queries.ts';
import { useMe } from '../../shell/session.tsx';
import { ReportTabs } from './report-tabs.tsx';

const revenueQuery = queryOf('reporting', 'revenueByMonth', { by: 'customer' });

type Revenue = Awaited<ReturnType<(typeof revenueQuery)['queryFn']>>;

/** Invoiced less credited, by month and by customer. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('revenue_title'));
  const { tenant } = useMe();
  const revenue = useQuery(revenueQuery);
  const currencies = [...new Set(revenue.data?.months.map(({ currency }) => currency))];
  const wanted = search.get('currency') ?? tenant.currency;
  const currency = currencies.includes(wanted) ? wanted : (currencies[0] ?? wanted);
  return (
    <div className="page">
      <Head title={t('revenue_title')}>
        {currencies.length > 1 && (
          <Segment
            label={t('currency')}
            tabs={currencies.map((one) => ({ label: one, href: hrefOf(one) }))}
            current={hrefOf(currency)}
          />
        )}
      </Head>
      <ReportTabs current="revenue" />
      <div className="mt-4">
        {revenue.isError && (
          <ErrorState error={revenue.error} onRetry={() => void revenue.refetch()} />
        )}
        {revenue.isPending && <Skeleton lines={10} />}
        {revenue.data !== undefined && currencies.length === 0 && (
          <Empty title={t('no_revenue')} icon="chart" />
        )}
        {revenue.data !== undefined && currencies.length > 0 && (
          <Report revenue={revenue.data} currency={currency} />
        )}
      </div>
    </div>
  );
}

function hrefOf(currency: string): string {
  return `/reports/revenue?currency=${currency}`;
}

interface ReportProps {
  readonly revenue: Revenue;
  readonly currency: string;
}

function Report({ revenue, currency }: ReportProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const months = revenue.months.filter((one) => one.currency === currency);
  const scale = 10 ** exponentOf(currency);
  const whole = (value: number) =>
    money({ minor: Math.round(value * scale), currency }, formats, { whole: true });
  return (
    <>
      <Panel title={t('by_month')}>
        <Bars
          title={t('revenue_title')}
          parts={[t('net'), t('tax')]}
          bars={months.map((one) => ({
            label: month(one.month, formats, 'short'),
            parts: [one.netMinor / scale, one.taxMinor / scale],
          }))}
          line={{ label: t('received'), values: months.map((one) => one.receivedMinor / scale) }}
          format={whole}
        />
      </Panel>
      <div className="cols">
        <Panel title={t('months')} span={8} flush>
          <MonthsTable months={months} currency={currency} />
        </Panel>
        <Panel title={t('by_customer')} span={4} flush>
          <table className="tbl dense">
            <tbody>
              {revenue.customers
                .filter((one) => one.currency === currency)
                .map(({ customerId, customerName, netMinor }) => (
                  <tr key={customerId}>
                    <td>
                      <a className="plain" href={`/customers/${customerId}`}>
                        <bdi>{customerName}</bdi>
                      </a>
                    </td>
                    <td className="end num">{amount({ minor: netMinor, currency }, formats)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </Panel>
      </div>
    </>
  );
}

interface MonthsTableProps {
  readonly months: Revenue['months'];
  readonly currency: string;
}

function MonthsTable({ months, currency }: MonthsTableProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const figure = (minor: number) => amount({ minor, currency }, formats);
  const figures = ['netMinor', 'taxMinor', 'grossMinor', 'receivedMinor'] as const;
  const heads = ['net', 'tax', 'gross', 'received'] as const;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('revenue_title')}>
      <table className="tbl dense">
        <thead>
          <tr>
            <th scope="col">{t('month')}</th>
            <th scope="col" className="end">
              {t('invoices')}
            </th>
            <th scope="col" className="end">
              {t('credit_notes')}
            </th>
            {heads.map((name) => (
              <th key={name} scope="col" className="end">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="num">
          {months.toReversed().map((one) => (
            <tr key={one.month}>
              <td>{month(one.month, formats)}</td>
              <td className="end muted">{count(one.invoices, formats)}</td>
              <td className="end muted">{count(one.creditNotes, formats)}</td>
              {figures.map((name) => (
                <td key={name} className={name === 'grossMinor' ? 'end strong' : 'end'}>
                  {figure(one[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

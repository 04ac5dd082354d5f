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
import { amount, count, exponentOf, instant, money, month } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/reports.json';
import { client } from '../../data/client.ts';
import { queryOf } from '../../data/queries.ts';
import { useMe } from '../../shell/session.tsx';
import { ReadAndExport } from './read-and-export.tsx';
import { ReportTabs } from './report-tabs.tsx';
import { TaxRates } from './tax-rates.tsx';

type By = 'customer' | 'tax-rate';

const revenueQuery = (by: By) => queryOf('reporting', 'revenueByMonth', { by });

type Revenue = Awaited<ReturnType<ReturnType<typeof revenueQuery>['queryFn']>>;

/** Invoiced less credited, by month and by customer or tax rate. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('revenue_title'));
  const { tenant } = useMe();
  const { formats } = useLocale();
  const by = search.get('by') === 'tax-rate' ? 'tax-rate' : 'customer';
  const revenue = useQuery(revenueQuery(by));
  const currencies = [...new Set(revenue.data?.months.map(({ currency }) => currency))];
  const wanted = search.get('currency') ?? tenant.currency;
  const currency = currencies.includes(wanted) ? wanted : (currencies[0] ?? wanted);
  return (
    <div className="page">
      <Head
        title={t('revenue_title')}
        actions={
          <ReadAndExport
            read={
              revenue.data === undefined
                ? ''
                : t('read_at', { time: instant(Date.parse(revenue.data.asOf), formats, 'seconds') })
            }
            href={fileOf(by)}
          />
        }
      >
        {currencies.length > 1 && (
          <Segment
            label={t('currency')}
            tabs={currencies.map((one) => ({ label: one, href: hrefOf(one, by) }))}
            current={hrefOf(currency, by)}
          />
        )}
      </Head>
      <ReportTabs current="revenue" />
      <div className="mt-4">
        {revenue.isError && (
          <ErrorState error={revenue.error} onRetry={() => void revenue.refetch()} />
        )}
        {revenue.isPending && <Skeleton lines={10} />}
        {revenue.data !== undefined && (
          <Report revenue={revenue.data} currency={currency} by={by} />
        )}
      </div>
    </div>
  );
}

function fileOf(by: By): string {
  const { exportRevenue, exportTaxRates } = client.reporting;
  const asCsv = { format: 'csv' } as const;
  return by === 'tax-rate' ? exportTaxRates({}, asCsv) : exportRevenue({}, asCsv);
}

function hrefOf(currency: string, by: By): string {
  return `/reports/revenue?currency=${currency}&by=${by}`;
}

interface ReportProps {
  readonly revenue: Revenue;
  readonly currency: string;
  readonly by: By;
}

function Report({ revenue, currency, by }: ReportProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const months = revenue.months.filter((one) => one.currency === currency);
  if (months.length === 0) return <Empty title={t('no_revenue')} icon="chart" />;
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
      <div className="mt-4">
        <Segment
          label={t('show_by')}
          tabs={[
            { label: t('customers_tab'), href: hrefOf(currency, 'customer') },
            { label: t('tax_rates_tab'), href: hrefOf(currency, 'tax-rate') },
          ]}
          current={hrefOf(currency, by)}
        />
      </div>
      {by === 'tax-rate' ? (
        <TaxRates rows={revenue.taxRates.filter((one) => one.currency === currency)} />
      ) : (
        <div className="cols">
          <Panel title={t('months')} span={8} flush>
            <MonthsTable months={months} currency={currency} />
          </Panel>
          <Panel title={t('by_customer')} span={4} flush>
            <CustomersTable revenue={revenue} currency={currency} />
          </Panel>
        </div>
      )}
    </>
  );
}

function CustomersTable({ revenue, currency }: Omit<ReportProps, 'by'>) {
  const { formats } = useLocale();
  return (
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

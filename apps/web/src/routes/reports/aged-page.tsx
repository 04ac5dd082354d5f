import { useQuery } from '@tanstack/react-query';

import { AgeBar } from '@plinth/ui/charts';
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
import { amount, day, instant } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/reports.json';
import { client } from '../../data/client.ts';
import { queryOf } from '../../data/queries.ts';
import { ReadAndExport } from './read-and-export.tsx';
import { ReportTabs } from './report-tabs.tsx';

/** Customers in the file. */
const exportedMax = 1_000;

function inputOf(currency: string | null, by: 'due' | 'issue') {
  return { ...(currency === null ? {} : { currency }), by };
}

const agedQuery = (currency: string | null, by: 'due' | 'issue') =>
  queryOf('reporting', 'agedReceivables', inputOf(currency, by));

type Aged = Awaited<ReturnType<ReturnType<typeof agedQuery>['queryFn']>>;
type Bucket = Aged['currencies'][number]['buckets'][number];

/** What is open by age, customer by customer. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('aged_title'));
  const { formats } = useLocale();
  const by = search.get('by') === 'issue' ? 'issue' : 'due';
  const aged = useQuery(agedQuery(search.get('currency'), by));
  const found = aged.data;
  const href = (part: { currency?: string; by?: string }) =>
    `/reports/aged?${new URLSearchParams({ currency: found?.currency ?? '', by, ...part }).toString()}`;
  return (
    <div className="page">
      <Head
        title={t('aged_title')}
        actions={
          <ReadAndExport
            read={
              found === undefined
                ? ''
                : t('as_of', {
                    day: day(found.day, formats),
                    time: instant(Date.parse(found.asOf), formats, 'seconds'),
                  })
            }
            href={client.reporting.exportAged(
              { ...inputOf(search.get('currency'), by), limit: exportedMax },
              { format: 'csv' },
            )}
          />
        }
      >
        {found !== undefined && found.currencies.length > 1 && (
          <Segment
            label={t('currency')}
            tabs={found.currencies.map(({ currency }) => ({
              label: currency,
              href: href({ currency }),
            }))}
            current={href({})}
          />
        )}
      </Head>
      <ReportTabs current="aged" />
      <div className="mt-4">
        {aged.isError && <ErrorState error={aged.error} onRetry={() => void aged.refetch()} />}
        {aged.isPending && <Skeleton lines={10} />}
        {found !== undefined && (
          <Report
            aged={found}
            by={<BySegment hrefBy={(one) => href({ by: one })} current={by} />}
          />
        )}
      </div>
    </div>
  );
}

interface BySegmentProps {
  readonly current: 'due' | 'issue';
  hrefBy(by: 'due' | 'issue'): string;
}

function BySegment({ current, hrefBy }: BySegmentProps) {
  const t = useWords(english);
  const tabs = [
    { label: t('by_due'), href: hrefBy('due') },
    { label: t('by_issue'), href: hrefBy('issue') },
  ];
  return <Segment label={t('by')} tabs={tabs} current={hrefBy(current)} />;
}

interface ReportProps {
  readonly aged: Aged;
  readonly by: ReturnType<typeof Segment>;
}

function Report({ aged, by }: ReportProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const shown = aged.currencies.find(({ currency }) => currency === aged.currency);
  if (shown === undefined) {
    return (
      <Empty title={t('empty')} icon="chart">
        {t('empty_text')}
      </Empty>
    );
  }
  const { currency, customers } = shown;
  return (
    <Panel
      title={t('customers', { n: customers })}
      note={
        aged.customers.length < customers ? t('largest', { n: aged.customers.length }) : undefined
      }
      more={by}
    >
      <AgeBar
        buckets={shown.buckets.map((bucket) => ({
          label: labelOf(bucket, t),
          value: bucket.openMinor,
          text: amount({ minor: bucket.openMinor, currency }, formats, { whole: true }),
        }))}
      />
      <AgedTable aged={aged} shown={shown} />
    </Panel>
  );
}

type Words = ReturnType<typeof useWords<typeof english>>;

function labelOf({ fromDays, toDays }: Bucket, t: Words): string {
  if (fromDays === null) return t('not_due');
  return toDays === null ? t('over', { n: fromDays - 1 }) : `${fromDays}–${toDays}`;
}

interface AgedTableProps {
  readonly aged: Aged;
  readonly shown: Aged['currencies'][number];
}

function AgedTable({ aged, shown }: AgedTableProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, buckets, openMinor } = shown;
  const figure = (minor: number) => (minor === 0 ? '–' : amount({ minor, currency }, formats));
  return (
    <div className="scroll mt-3" tabIndex={0} role="region" aria-label={t('aged_title')}>
      <table className="tbl dense">
        <thead>
          <tr>
            <th scope="col">{t('customer')}</th>
            {buckets.map((bucket, at) => (
              <th key={bucket.fromDays} scope="col" className="end">
                <span className={`key k${Math.min(at, 4)}`} />
                {labelOf(bucket, t)}
              </th>
            ))}
            <th scope="col" className="end">
              {t('open')} {currency}
            </th>
          </tr>
        </thead>
        <tbody className="num">
          <tr>
            <td className="strong">{t('total')}</td>
            {buckets.map((bucket) => (
              <td key={bucket.fromDays} className="end strong">
                {figure(bucket.openMinor)}
              </td>
            ))}
            <td className="end strong">{figure(openMinor)}</td>
          </tr>
          {aged.customers.map((customer) => (
            <tr key={customer.customerId}>
              <td>
                <a className="plain" href={`/customers/${customer.customerId}`}>
                  <bdi>{customer.customerName}</bdi>
                </a>
              </td>
              {customer.buckets.map((minor, at) => (
                // oxlint-disable-next-line react/no-array-index-key -- a bucket is its place
                <td key={at} className={minor === 0 ? 'end muted' : 'end'}>
                  {figure(minor)}
                </td>
              ))}
              <td className="end strong">{figure(customer.openMinor)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

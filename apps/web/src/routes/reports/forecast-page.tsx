import { useQuery } from '@tanstack/react-query';

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
import { amount, day, instant, money, percent, weekOf } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/forecast.json';
import { client } from '../../data/client.ts';
import { prefetch } from '../../data/queries.ts';
import { ForecastChart } from '../../parts/forecast-chart.tsx';
import { type Forecast, forecastQuery } from '../../parts/forecast-query.ts';
import { useMe } from '../../shell/session.tsx';
import { ReadAndExport } from './read-and-export.tsx';
import { ReportTabs } from './report-tabs.tsx';

export function data(): void {
  prefetch(forecastQuery);
}

/** What of the open invoices comes in, week by week, and what that goes by. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('title'));
  const { tenant } = useMe();
  const { formats } = useLocale();
  const forecast = useQuery(forecastQuery);
  const found = forecast.data;
  const shown = shownOf(found, search.get('currency') ?? tenant.currency);
  return (
    <div className="page">
      <Head
        title={t('title')}
        actions={
          <ReadAndExport
            read={
              found === undefined
                ? ''
                : t('as_of', {
                    day: day(found.today, formats),
                    time: instant(Date.parse(found.asOf), formats, 'seconds'),
                  })
            }
            href={client.reporting.exportForecast({}, { format: 'csv' })}
          />
        }
      >
        {found !== undefined && shown !== undefined && (
          <Currencies of={found} current={shown.currency} />
        )}
      </Head>
      <ReportTabs current="forecast" />
      <div className="mt-4">
        {forecast.isError && (
          <ErrorState error={forecast.error} onRetry={() => void forecast.refetch()} />
        )}
        {forecast.isPending && <Skeleton lines={10} />}
        {found !== undefined && shown === undefined && (
          <Empty title={t('empty')} icon="chart">
            {t('empty_text')}
          </Empty>
        )}
        {found !== undefined && shown !== undefined && <Report forecast={found} shown={shown} />}
      </div>
    </div>
  );
}

function shownOf(forecast: Forecast | undefined, wanted: string) {
  const currencies = forecast?.currencies ?? [];
  return currencies.find(({ currency }) => currency === wanted) ?? currencies[0];
}

interface CurrenciesProps {
  readonly of: Forecast;
  readonly current: string;
}

function Currencies({ of: { currencies }, current }: CurrenciesProps) {
  const t = useWords(english);
  if (currencies.length < 2) return null;
  const tabs = currencies.map(({ currency }) => ({ label: currency, href: hrefOf(currency) }));
  return <Segment label={t('currency')} tabs={tabs} current={hrefOf(current)} />;
}

function hrefOf(currency: string): string {
  return `/reports/forecast?currency=${currency}`;
}

interface ReportProps {
  readonly forecast: Forecast;
  readonly shown: Forecast['currencies'][number];
}

function Report({ forecast, shown }: ReportProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, expectedMinor, openMinor } = shown;
  const whole = (minor: number) => money({ minor, currency }, formats, { whole: true });
  return (
    <>
      <Panel
        title={t('weeks')}
        note={`${t('sum', { amount: whole(expectedMinor) })} ${t('open_note', { amount: whole(openMinor) })}`}
      >
        <ForecastChart forecast={forecast} currency={currency} />
      </Panel>
      <div className="cols">
        <Panel title={t('by_week')} span={8} flush>
          <WeeksTable forecast={forecast} shown={shown} />
        </Panel>
        <Panel title={t('habits')} span={4}>
          <Habits habits={forecast.habits} />
        </Panel>
      </div>
    </>
  );
}

function Habits({ habits }: { readonly habits: Forecast['habits'] }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const share = (ppm: number) => percent(ppm / 1_000_000, formats);
  return (
    <>
      <p>
        {habits.payments === 0
          ? t('habit_none')
          : t('habit_known', {
              n: habits.payments,
              onTime: share(habits.onTimePpm),
              monthLate: share(habits.monthLatePpm),
              unpaid: share(habits.unpaidPpm),
            })}
      </p>
      <p className="muted mt-3">{t('habit_low')}</p>
    </>
  );
}

function WeeksTable({ forecast, shown }: ReportProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency } = shown;
  const figure = (minor: number) => (minor === 0 ? '–' : amount({ minor, currency }, formats));
  const names = ['due', 'low', 'expected', 'last_year'] as const;
  const sumOf = (of: 'dueMinor' | 'lastYearMinor') =>
    shown.weeks.reduce((sum, week) => sum + week[of], 0);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('title')}>
      <table className="tbl dense">
        <thead>
          <tr>
            <th scope="col">{t('week')}</th>
            <th scope="col" className="wide-only">
              {t('from')}
            </th>
            {names.map((name) => (
              <th key={name} scope="col" className="end">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="num">
          <tr>
            <td className="strong">{t('total')}</td>
            <td className="wide-only" />
            {[sumOf('dueMinor'), shown.lowMinor, shown.expectedMinor, sumOf('lastYearMinor')].map(
              (minor, at) => (
                <td key={names[at]} className="end strong">
                  {figure(minor)}
                </td>
              ),
            )}
          </tr>
          {shown.weeks.map((week, at) => {
            const monday = forecast.weeks[at] ?? '';
            return (
              <tr key={monday}>
                <td>{t('week_short', { n: weekOf(monday) })}</td>
                <td className="muted wide-only">{day(monday, formats)}</td>
                <td className="end muted">{figure(week.dueMinor)}</td>
                <td className="end">{figure(week.lowMinor)}</td>
                <td className="end strong">{figure(week.expectedMinor)}</td>
                <td className="end muted">{figure(week.lastYearMinor)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

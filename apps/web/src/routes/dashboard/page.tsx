import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';

import {
  ButtonLink,
  Empty,
  ErrorState,
  Head,
  LiveDot,
  Note,
  Panel,
  Segment,
  Skeleton,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { day, instant } from '@plinth/ui/format';
import { type PageProps, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/dashboard.json';
import { prefetch } from '../../data/queries.ts';
import { forecastQuery } from '../../parts/forecast-query.ts';
import { useCan } from '../../shell/session.tsx';
import { AgedPanel } from './aged-panel.tsx';
import { DebtorsPanel } from './debtors-panel.tsx';
import { FigureTiles } from './figure-tiles.tsx';
import { NeedsPanel } from './needs-panel.tsx';
import { type Dashboard, dashboardQuery, type Figures as CurrencyFigures } from './queries.ts';

const ForecastOf = lazy(async () => {
  const module = await import('../../parts/forecast-chart.tsx');
  return { default: module.ForecastOf };
});

export function data(): void {
  prefetch(dashboardQuery);
  prefetch(forecastQuery);
}

/** What is owed, late and received, and what waits for somebody. */
export function Page({ search }: PageProps) {
  const t = useWords(english);
  useTitle(t('title'));
  const dashboard = useQuery(dashboardQuery);
  if (dashboard.data !== undefined) {
    return (
      <Figures
        dashboard={dashboard.data}
        read={dashboard.dataUpdatedAt}
        wanted={search.get('currency')}
      />
    );
  }
  return (
    <div className="page">
      <Head title={t('title')} />
      {dashboard.isError ? (
        <ErrorState error={dashboard.error} onRetry={() => void dashboard.refetch()} />
      ) : (
        <DashboardSkeleton />
      )}
    </div>
  );
}

interface FiguresProps {
  readonly dashboard: Dashboard;
  /** When the answer came, by the device's clock. */
  readonly read: number;
  readonly wanted: string | null;
}

function Figures({ dashboard, read, wanted }: FiguresProps) {
  const t = useWords(english);
  const { currencies, asOf } = dashboard;
  const shown = currencies.find(({ currency }) => currency === wanted) ?? currencies[0];
  return (
    <div className="page">
      <Head title={t('title')} actions={<AsOf at={asOf} read={read} />}>
        {shown !== undefined && currencies.length > 1 && (
          <Segment
            label={t('currency')}
            tabs={currencies.map(({ currency }) => ({ label: currency, href: hrefOf(currency) }))}
            current={hrefOf(shown.currency)}
          />
        )}
      </Head>
      {shown === undefined ? <FirstUse /> : <Panels dashboard={dashboard} figures={shown} />}
    </div>
  );
}

function hrefOf(currency: string): string {
  return `/?currency=${currency}`;
}

interface PanelsProps {
  readonly dashboard: Dashboard;
  readonly figures: CurrencyFigures;
}

function Panels({ dashboard, figures }: PanelsProps) {
  const t = useWords(english);
  const { today, formats } = useLocale();
  const { currency } = figures;
  return (
    <>
      <FigureTiles figures={figures} today={dashboard.today} />
      {dashboard.today !== today && (
        <div className="mt-4">
          <Note>{t('last_day', { day: day(dashboard.today, formats) })}</Note>
        </div>
      )}
      <div className="cols">
        <AgedPanel figures={figures} today={dashboard.today} />
        <Panel
          title={t('forecast')}
          span={7}
          more={<a href={`/reports/forecast?currency=${currency}`}>{t('forecast_report')}</a>}
        >
          <Suspense fallback={<Skeleton lines={8} />}>
            <ForecastOf currency={currency} />
          </Suspense>
        </Panel>
        <NeedsPanel needs={dashboard.needsYou} />
        <DebtorsPanel figures={figures} />
      </div>
    </>
  );
}

const freshMs = 60_000;

/** When the figures were read; after a minute without an answer they are no longer called live. */
function AsOf({ at, read }: { readonly at: string; readonly read: number }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const [isOld, setOld] = useState(false);
  useEffect(() => {
    setOld(false);
    const timer = setTimeout(() => setOld(true), freshMs);
    return () => clearTimeout(timer);
  }, [read]);
  return (
    <span className="wide-only num">
      <LiveDot state={isOld ? 'waiting' : 'live'}>
        {t('as_of', { time: instant(Date.parse(at), formats, 'seconds') })}
      </LiveDot>
    </span>
  );
}

/** The geometry of what comes. */
function DashboardSkeleton() {
  const t = useWords(english);
  const panels = [
    { word: 'aged', span: 5 },
    { word: 'forecast', span: 7 },
    { word: 'needs_you', span: 5 },
    { word: 'debtors', span: 7 },
  ] as const;
  const tiles = ['receivable', 'overdue', 'due_soon', 'received_line'] as const;
  return (
    <>
      <div className="tiles">
        {tiles.map((word) => (
          <div key={word} className="tile">
            <span className="k">{t(word)}</span>
            <Skeleton lines={2} />
          </div>
        ))}
      </div>
      <div className="cols">
        {panels.map(({ word, span }) => (
          <Panel key={word} title={t(word)} span={span}>
            <Skeleton lines={8} />
          </Panel>
        ))}
      </div>
    </>
  );
}

function FirstUse() {
  const t = useWords(english);
  const can = useCan();
  const begins = can('customers.write');
  return (
    <Empty
      title={t('first_title')}
      icon="chart"
      actions={
        begins && (
          <>
            <ButtonLink href="/transfers/invoices" icon="import">
              {t('first_import')}
            </ButtonLink>
            <ButtonLink href="/customers/new" look="primary" icon="plus">
              {t('first_customer')}
            </ButtonLink>
          </>
        )
      }
    >
      {t(begins ? 'first_text' : 'first_read')}
    </Empty>
  );
}

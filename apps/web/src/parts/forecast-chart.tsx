import { useQuery } from '@tanstack/react-query';

import { Bars } from '@plinth/ui/charts';
import { ErrorState, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import { exponentOf, money, weekOf } from '@plinth/ui/format';

import english from '../../messages/en/forecast.json';
import { type Forecast, forecastQuery } from './forecast-query.ts';

/** The forecast of one currency, which it reads itself. */
export function ForecastOf({ currency }: { readonly currency: string }) {
  const forecast = useQuery(forecastQuery);
  if (forecast.isError) {
    return <ErrorState error={forecast.error} onRetry={() => void forecast.refetch()} />;
  }
  if (forecast.data === undefined) return <Skeleton lines={8} />;
  return <ForecastChart forecast={forecast.data} currency={currency} />;
}

interface ForecastChartProps {
  readonly forecast: Forecast;
  readonly currency: string;
}

/** What comes in week by week: the low figure, on it what is overdue, and over them the year before. */
export function ForecastChart({ forecast, currency }: ForecastChartProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const shown = forecast.currencies.find((one) => one.currency === currency);
  const scale = 10 ** exponentOf(currency);
  const bars = forecast.weeks.map((monday, at) => {
    const { lowMinor = 0, expectedMinor = 0 } = shown?.weeks[at] ?? {};
    return {
      label: t('week_short', { n: weekOf(monday) }),
      parts: [lowMinor / scale, (expectedMinor - lowMinor) / scale],
    };
  });
  return (
    <Bars
      title={t('title')}
      parts={[t('low'), t('more')]}
      bars={bars}
      line={{
        label: t('last_year'),
        values: forecast.weeks.map((_, at) => (shown?.weeks[at]?.lastYearMinor ?? 0) / scale),
      }}
      format={(value) =>
        money({ minor: Math.round(value * scale), currency }, formats, { whole: true })
      }
    />
  );
}

import { useQuery } from '@tanstack/react-query';

import { Bars } from '@plinth/ui/charts';
import { ErrorState, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import { exponentOf, money, month } from '@plinth/ui/format';

import english from '../../../messages/en/dashboard.json';
import { turnoverQuery } from './queries.ts';

/** Twelve months of a currency: what was invoiced, and over it what came in. */
export function TurnoverChart({ currency }: { readonly currency: string }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const turnover = useQuery(turnoverQuery);
  if (turnover.isError) {
    return <ErrorState error={turnover.error} onRetry={() => void turnover.refetch()} />;
  }
  if (turnover.data === undefined) return <Skeleton lines={8} />;
  const months = turnover.data.months.filter((one) => one.currency === currency);
  const scale = 10 ** exponentOf(currency);
  return (
    <Bars
      title={t('turnover')}
      parts={[t('invoiced')]}
      bars={months.map((one) => ({
        label: month(one.month, formats, months.length > 8 ? 'short' : 'full'),
        parts: [one.grossMinor / scale],
      }))}
      line={{ label: t('received_line'), values: months.map((one) => one.receivedMinor / scale) }}
      format={(value) =>
        money({ minor: Math.round(value * scale), currency }, formats, { whole: true })
      }
    />
  );
}

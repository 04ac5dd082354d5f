import { AgeBar, AgeKey } from '@plinth/ui/charts';
import { Panel, useLocale, useWords } from '@plinth/ui/core';
import { addDays, amount, count, percent } from '@plinth/ui/format';

import english from '../../../messages/en/dashboard.json';
import { invoicesHref } from './links.ts';
import type { Figures } from './queries.ts';

interface AgedPanelProps {
  readonly figures: Figures;
  readonly today: string;
}

type Bucket = Figures['aged'][number];

/** One bar by age and its figures; a row is the way to its invoices. */
export function AgedPanel({ figures, today }: AgedPanelProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { aged, currency, receivableMinor } = figures;
  const labelOf = ({ fromDays, toDays }: Bucket) => {
    if (fromDays === null) return t('not_due');
    return toDays === null ? t('over', { n: fromDays - 1 }) : `${fromDays}–${toDays}`;
  };
  const whole = (minor: number) => amount({ minor, currency }, formats, { whole: true });
  return (
    <Panel
      title={t('aged')}
      span={5}
      more={<a href={`/reports/aged?currency=${currency}`}>{t('aged_report')}</a>}
    >
      <AgeBar
        buckets={aged.map((bucket) => ({
          label: labelOf(bucket),
          value: bucket.openMinor,
          text: whole(bucket.openMinor),
        }))}
      />
      <table className="tbl">
        <thead>
          <tr>
            <th>{t('days_past_due')}</th>
            <th className="end">{t('invoices_head')}</th>
            <th className="end">{currency}</th>
            <th className="end">{t('share_head')}</th>
          </tr>
        </thead>
        <tbody className="num">
          {aged.map((bucket, at) => (
            <tr key={bucket.fromDays}>
              <td>
                <AgeKey at={at} />
                <a className="plain" href={hrefOf(bucket, currency, today)}>
                  {labelOf(bucket)}
                </a>
              </td>
              <td className="end muted">{count(bucket.invoices, formats)}</td>
              <td className="end strong">{whole(bucket.openMinor)}</td>
              <td className="end muted">
                {percent(receivableMinor === 0 ? 0 : bucket.openMinor / receivableMinor, formats)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function hrefOf({ fromDays, toDays }: Bucket, currency: string, today: string): string {
  const latest = addDays(today, -(fromDays ?? 0));
  const due =
    fromDays === null
      ? `dueDate:after:${addDays(today, -1)}`
      : toDays === null
        ? `dueDate:before:${addDays(latest, 1)}`
        : `dueDate:between:${addDays(today, -toDays)},${latest}`;
  return invoicesHref(currency, 'status:in:open', due);
}

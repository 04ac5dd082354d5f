import { Icon, Money, Tile, useLocale, useWords } from '@plinth/ui/core';
import { addDays, money, month, percent } from '@plinth/ui/format';

import english from '../../../messages/en/dashboard.json';
import { invoicesHref } from './links.ts';
import type { Figures } from './queries.ts';

interface FigureTilesProps {
  readonly figures: Figures;
  /** The day that ages and months are counted to. */
  readonly today: string;
}

const soonDays = 7;

/** The four figures, each the way to the list behind it. */
export function FigureTiles({ figures, today }: FigureTilesProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, receivableMinor, overdueMinor, creditMinor } = figures;
  const whole = (minor: number) => <Money minor={minor} currency={currency} whole />;
  const soon = `dueDate:between:${today},${addDays(today, soonDays)}`;
  return (
    <div className="tiles">
      <Tile
        label={t('receivable')}
        figure={whole(receivableMinor)}
        detail={
          creditMinor > 0
            ? t('credit', {
                n: figures.receivableInvoices,
                amount: money({ minor: creditMinor, currency }, formats, { whole: true }),
              })
            : t('invoices', { n: figures.receivableInvoices })
        }
        href={invoicesHref(currency, 'status:in:open')}
      />
      <Tile
        label={t('overdue')}
        figure={whole(overdueMinor)}
        detail={
          <>
            <span className={overdueMinor > 0 ? 'danger strong' : undefined}>
              {t('invoices', { n: figures.overdueInvoices })}
            </span>
            {receivableMinor > 0 && percent(overdueMinor / receivableMinor, formats)}
          </>
        }
        href={invoicesHref(currency, 'status:in:overdue')}
      />
      <Tile
        label={t('due_soon')}
        figure={whole(figures.dueSoonMinor)}
        detail={t('invoices', { n: figures.dueSoonInvoices })}
        href={invoicesHref(currency, 'status:in:open', soon)}
      />
      <ReceivedTile figures={figures} today={today} />
    </div>
  );
}

/** Against the whole month before: it grows until the month ends. */
function ReceivedTile({ figures, today }: FigureTilesProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, receivedMonthMinor: now, receivedMonthBeforeMinor: before } = figures;
  const first = `${today.slice(0, 7)}-01`;
  const monthBefore = month(addDays(first, -1), formats, 'short');
  const change = before === 0 ? 0 : now / before - 1;
  return (
    <Tile
      label={t('received', { month: month(today, formats, 'short') })}
      figure={<Money minor={now} currency={currency} whole />}
      detail={
        before === 0 ? (
          t('nothing_before', { month: monthBefore })
        ) : (
          <>
            <Icon name={change < 0 ? 'arrow-down' : 'arrow-up'} />
            {t('against', { ratio: percent(Math.abs(change), formats), month: monthBefore })}
          </>
        )
      }
      href={`/payments?f=${encodeURIComponent(`receivedOn:between:${first},${today}`)}`}
    />
  );
}

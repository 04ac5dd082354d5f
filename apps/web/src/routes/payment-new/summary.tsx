import { Money, Panel, PayLine, useLocale, useWords } from '@plinth/ui/core';
import { money, percent } from '@plinth/ui/format';

import english from '../../../messages/en/payment-new.json';
import { PaymentRest } from '../../parts/payment-rest.tsx';
import type { SpreadState } from '../../parts/use-spread.ts';

interface SummaryProps {
  readonly minor: number;
  readonly currency: string;
  readonly spread: SpreadState;
  /** What the customer paid before and is not allocated. */
  readonly credits: readonly { readonly currency: string; readonly unallocatedMinor: number }[];
}

/** Beside the form: how much, how much of it is allocated, what is left. */
export function Summary({ minor, currency, spread, credits }: SummaryProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { plan } = spread;
  const ratio = minor <= 0 ? 0 : Math.min(1, plan.allocatedMinor / minor);
  const credit = credits.find((one) => one.currency === currency)?.unallocatedMinor ?? 0;
  return (
    <div className="rail desk:sticky desk:top-4">
      <Panel title={t('summary')}>
        <p className="figure num">
          <Money minor={minor} currency={currency} />
        </p>
        <PayLine ratio={ratio} label={percent(ratio, formats)} />
        <PaymentRest plan={plan} currency={currency} />
        {credit > 0 && (
          <p className="muted num mt-2">
            {t('credit_before', { amount: money({ minor: credit, currency }, formats) })}
          </p>
        )}
      </Panel>
    </div>
  );
}

import { Facts, Money, useWords } from '@plinth/ui/core';

import english from '../../messages/en/payment-items.json';
import type { SpreadPlan } from './spread.ts';

interface PaymentRestProps {
  readonly plan: SpreadPlan;
  readonly currency: string;
}

/** Allocated and rest, in sight at all times; the rest says what becomes of it. */
export function PaymentRest({ plan, currency }: PaymentRestProps) {
  const t = useWords(english);
  const { allocatedMinor, restMinor } = plan;
  return (
    <div aria-live="polite">
      <Facts
        items={[
          [t('allocated'), <Money minor={allocatedMinor} currency={currency} />],
          [
            t('rest'),
            <strong className={restMinor < 0 ? 'danger' : undefined}>
              <Money minor={restMinor} currency={currency} />
            </strong>,
          ],
        ]}
      />
      {restMinor > 0 && <p className="muted end">{t('rest_credit')}</p>}
      {restMinor < 0 && <p className="danger end">{t('rest_missing')}</p>}
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { documentTotals } from '@plinth/invoicing/browser';

import { Facts, Money, Note, Panel, Skeleton, useLocale, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/draft.json';
import { queryOf } from '../../data/queries.ts';
import { isBlank } from './draft-text.ts';
import type { EditorView } from './editor-view.ts';
import { readLine } from './read-draft.ts';

interface CreditPanelProps {
  readonly customerId: string;
  readonly view: EditorView;
}

/** What the customer owes already, and whether this invoice goes above their limit. */
export function CreditPanel({ customerId, view }: CreditPanelProps) {
  const t = useWords(english);
  const customer = useQuery(queryOf('customers', 'getCustomer', { id: customerId }));
  const balances = useQuery(queryOf('customers', 'getBalances', { id: customerId }));
  const gross = useGross(view);
  const { currency } = view.text;
  if (customer.data === undefined || balances.data === undefined) {
    // It is only advice: where it cannot be had, nothing stands here.
    return customer.isError || balances.isError ? null : (
      <Panel title={t('balance')}>
        <Skeleton lines={3} />
      </Panel>
    );
  }
  const { creditLimitMinor, currency: own } = customer.data;
  const balance = balances.data.items.find((item) => item.currency === currency);
  const open = balance?.balanceMinor ?? 0;
  const limit = own === currency ? creditLimitMinor : null;
  const overdue = balance?.overdueMinor ?? 0;
  return (
    <Panel title={t('balance')}>
      <Facts
        items={[
          [t('terms_name'), t('terms_days', { n: customer.data.termDays })],
          [t('open_now'), <Money minor={open} currency={currency} />],
          ...(overdue > 0
            ? [[t('overdue_now'), <Overdue minor={overdue} currency={currency} />] as const]
            : []),
        ]}
      />
      {limit !== null && <Limit limit={limit} withThis={open + gross} currency={currency} />}
    </Panel>
  );
}

function Overdue(money: { readonly minor: number; readonly currency: string }) {
  return (
    <span className="danger">
      <Money {...money} />
    </span>
  );
}

interface LimitProps {
  readonly limit: number;
  /** What is open when this invoice is issued. */
  readonly withThis: number;
  readonly currency: string;
}

function Limit({ limit, withThis, currency }: LimitProps) {
  const t = useWords(english);
  return (
    <>
      <Facts
        items={[
          [t('limit'), <Money minor={limit} currency={currency} />],
          [t('with_this'), <Money minor={withThis} currency={currency} />],
        ]}
      />
      {withThis > limit && (
        <div className="mt-3">
          <Note tone="warn">{t('above_limit')}</Note>
        </div>
      )}
    </>
  );
}

function useGross({ text }: EditorView): number {
  const { formats } = useLocale();
  const inputs = text.lines
    .filter((line) => !isBlank(line))
    .flatMap((line) => readLine(line, text.currency, formats).input ?? []);
  return Number(documentTotals(inputs).grossMinor);
}

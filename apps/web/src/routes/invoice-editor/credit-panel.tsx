import { useQuery } from '@tanstack/react-query';
import { documentTotals } from '@plinth/invoicing/browser';

import {
  type ComponentChildren,
  Facts,
  Money,
  Note,
  Panel,
  Skeleton,
  useLocale,
  useWords,
} from '@plinth/ui/core';

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
  const { termDays, creditLimitMinor, currency: own } = customer.data;
  const balance = balances.data.items.find((item) => item.currency === currency);
  const open = balance?.balanceMinor ?? 0;
  const overdue = balance?.overdueMinor ?? 0;
  const limit = own === currency ? creditLimitMinor : null;
  const facts: (readonly [string, ComponentChildren])[] = [
    [t('terms_name'), t('terms_days', { n: termDays })],
    [t('open_now'), <Money minor={open} currency={currency} />],
  ];
  if (overdue > 0) {
    facts.push([
      t('overdue_now'),
      <span className="danger">
        <Money minor={overdue} currency={currency} />
      </span>,
    ]);
  }
  if (limit !== null) {
    facts.push(
      [t('limit'), <Money minor={limit} currency={currency} />],
      [t('with_this'), <Money minor={open + gross} currency={currency} />],
    );
  }
  return (
    <Panel title={t('balance')}>
      <Facts items={facts} />
      {limit !== null && open + gross > limit && (
        <div className="mt-3">
          <Note tone="warn">{t('above_limit')}</Note>
        </div>
      )}
    </Panel>
  );
}

function useGross({ text }: EditorView): number {
  const { formats } = useLocale();
  const inputs = text.lines
    .filter((line) => !isBlank(line))
    .flatMap((line) => readLine(line, text.currency, formats).input ?? []);
  return Number(documentTotals(inputs).grossMinor);
}

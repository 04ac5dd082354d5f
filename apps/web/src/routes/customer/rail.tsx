import { useQuery } from '@tanstack/react-query';

import {
  type ComponentChildren,
  ErrorState,
  Facts,
  Meter,
  Money,
  Panel,
  Skeleton,
  useLocale,
  useWords,
} from '@plinth/ui/core';
import { amount, money, percent } from '@plinth/ui/format';

import english from '../../../messages/en/customer.json';
import { type Balance, balancesQuery, type Customer } from './queries.ts';

interface RailProps {
  readonly customer: Customer;
}

/** Beside the tabs: what they owe, a currency each, and who they are. */
export function Rail({ customer }: RailProps) {
  const t = useWords(english);
  const balances = useQuery(balancesQuery(customer.id));
  const items = balances.data?.items ?? [];
  return (
    <div className="rail">
      {balances.isPending && (
        <Panel title={t('balance')}>
          <Skeleton lines={4} />
        </Panel>
      )}
      {balances.isError && (
        <Panel title={t('balance')}>
          <ErrorState error={balances.error} onRetry={() => void balances.refetch()} />
        </Panel>
      )}
      {balances.data !== undefined && items.length === 0 && (
        <Panel title={t('balance')}>
          <p className="muted">{t('no_balance')}</p>
        </Panel>
      )}
      {items.map((balance) => (
        <BalancePanel key={balance.currency} balance={balance} customer={customer} />
      ))}
      <FactsPanel customer={customer} />
      {customer.notes !== null && customer.notes !== '' && (
        <Panel title={t('notes')}>
          <p className="whitespace-pre-wrap">{customer.notes}</p>
        </Panel>
      )}
    </div>
  );
}

interface BalancePanelProps extends RailProps {
  readonly balance: Balance;
}

function BalancePanel({ balance, customer }: BalancePanelProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency, balanceMinor, openMinor, overdueMinor, creditMinor } = balance;
  const figure = (minor: number, tone = '') => (
    <span className={minor === 0 ? 'num muted' : `num ${tone}`}>
      {amount({ minor, currency }, formats)}
    </span>
  );
  return (
    <Panel title={t('balance')}>
      <p className="figure num mb-2">
        <Money minor={balanceMinor} currency={currency} />
      </p>
      <CreditLimit balance={balance} customer={customer} />
      <Facts
        items={[
          [t('open_invoices', { n: balance.openInvoices }), figure(openMinor)],
          [
            t('overdue_invoices', { n: balance.overdueInvoices }),
            figure(overdueMinor, 'danger strong'),
          ],
          [t('credit'), figure(creditMinor)],
        ]}
      />
    </Panel>
  );
}

function CreditLimit({ balance: { currency, balanceMinor }, customer }: BalancePanelProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { creditLimitMinor: limit } = customer;
  if (limit === null || limit === 0 || currency !== customer.currency) return null;
  const ratio = Math.max(0, balanceMinor / limit);
  const label = t('limit_used', {
    ratio: percent(ratio, formats),
    limit: money({ minor: limit, currency }, formats, { whole: true }),
  });
  return (
    <div className="my-3">
      <Meter ratio={ratio} tone={ratio > 1 ? 'danger' : 'accent'} label={label} />
      <p className="text-small muted num">{label}</p>
    </div>
  );
}

function FactsPanel({ customer }: RailProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { email, phone, creditLimitMinor: limit, currency } = customer;
  return (
    <Panel title={t('facts')}>
      <Facts
        items={[
          ...known(t('legal_name'), customer.legalName),
          ...known(t('vat_id'), customer.vatId),
          ...known(t('email'), email === null ? null : <a href={`mailto:${email}`}>{email}</a>),
          ...known(t('phone'), phone === null ? null : <a href={`tel:${phone}`}>{phone}</a>),
          ...known(t('address'), addressOf(customer)),
          [t('terms'), t('terms_days', { n: customer.termDays })],
          [t('currency'), currency],
          [
            t('limit'),
            limit === null ? (
              <span className="muted">{t('none')}</span>
            ) : (
              <span className="num">{amount({ minor: limit, currency }, formats)}</span>
            ),
          ],
        ]}
      />
    </Panel>
  );
}

function addressOf({ street, postalCode, city, region, country }: Customer): string {
  const place = [postalCode, city].filter(Boolean).join(' ');
  return [street, place, region, country].filter((part) => part !== null && part !== '').join(', ');
}

/** Nothing for what nobody wrote down. */
function known(name: string, value: ComponentChildren) {
  return value === null || value === '' ? [] : [[name, value] as const];
}

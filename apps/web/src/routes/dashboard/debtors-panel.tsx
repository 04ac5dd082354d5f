import { Meter, Panel, useLocale, useWords } from '@plinth/ui/core';
import { amount, percent } from '@plinth/ui/format';

import english from '../../../messages/en/dashboard.json';
import type { Figures } from './queries.ts';

/** More than half of what is open is late: the bar turns red. */
const alarming = 0.5;

export function DebtorsPanel({ figures }: { readonly figures: Figures }) {
  const t = useWords(english);
  const { topDebtors, currency } = figures;
  const none = topDebtors.length === 0;
  return (
    <Panel
      title={t('debtors')}
      span={7}
      flush={!none}
      more={<a href="/customers?sort=-overdue">{t('all_customers')}</a>}
    >
      {none ? (
        <p className="muted">{t('no_debtors', { currency })}</p>
      ) : (
        <DebtorsTable figures={figures} />
      )}
    </Panel>
  );
}

function DebtorsTable({ figures: { topDebtors, currency } }: { readonly figures: Figures }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const figure = (minor: number) => amount({ minor, currency }, formats);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('debtors_table')}>
      <table className="tbl dense">
        <thead>
          <tr>
            <th>{t('customer')}</th>
            <th className="wide-only">{t('overdue_share')}</th>
            <th className="end wide-only">{t('overdue')}</th>
            <th className="end">{t('open')}</th>
          </tr>
        </thead>
        <tbody>
          {topDebtors.map(({ customerId, customerName, overdueMinor, openMinor }) => {
            const ratio = openMinor === 0 ? 0 : overdueMinor / openMinor;
            return (
              <tr key={customerId}>
                <td>
                  <a className="plain" href={`/customers/${customerId}`}>
                    <bdi>{customerName}</bdi>
                  </a>
                </td>
                <td className="wide-only">
                  <Meter
                    ratio={ratio}
                    tone={ratio > alarming ? 'danger' : 'accent'}
                    label={t('overdue_ratio', { ratio: percent(ratio, formats) })}
                  />
                </td>
                <td className="end num muted wide-only">{figure(overdueMinor)}</td>
                <td className="end num strong">{figure(openMinor)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

import type { Column } from '@plinth/ui/grid';
import type { Translate } from '@plinth/ui/i18n';

import type english from '../../../messages/en/customers.json';
import type { CustomerRow } from './rows.ts';

type Words = Translate<Extract<keyof typeof english, string>>;

/** The columns of the list: the names of the fields are the server's. */
export function customerColumns(t: Words, currency: string): readonly Column<CustomerRow>[] {
  return [...nameColumns(t), ...amountColumns(t, currency), ...hiddenColumns(t)];
}

function nameColumns(t: Words): readonly Column<CustomerRow>[] {
  return [
    {
      id: 'number',
      title: t('number'),
      kind: 'link',
      value: ({ id, number }) => ({ value: number, href: `/customers/${id}` }),
      width: 112,
      sort: 'index',
      filter: { type: 'text' },
      phone: 'subtitle',
    },
    {
      id: 'name',
      title: t('name'),
      kind: 'text',
      value: ({ name, archived }) => (archived ? { value: name, tone: 'muted' } : name),
      width: 200,
      grow: true,
      sort: 'index',
      filter: { type: 'text' },
      phone: 'title',
    },
    {
      id: 'city',
      title: t('city'),
      kind: 'text',
      value: ({ city }) => ({ value: city, tone: 'muted' }),
      width: 128,
      narrow: 'hide',
    },
    {
      id: 'country',
      title: t('country'),
      kind: 'text',
      value: ({ country }) => ({ value: country, tone: 'muted' }),
      width: 76,
      sort: 'index',
      narrow: 'hide',
    },
    {
      id: 'termDays',
      title: t('terms'),
      kind: 'text',
      value: ({ termDays }) => ({ value: t('terms_days', { n: termDays }), tone: 'muted' }),
      width: 76,
      sort: 'scan',
      filter: { type: 'number' },
      narrow: 'hide',
    },
  ];
}

function amountColumns(t: Words, currency: string): readonly Column<CustomerRow>[] {
  const money = { type: 'money', currency } as const;
  return [
    {
      id: 'balance',
      title: t('balance'),
      kind: 'money',
      value: (row) => {
        const value = { minor: row.balanceMinor, currency: row.currency };
        return row.balanceMinor === 0 ? { value, tone: 'muted' } : value;
      },
      width: 148,
      sort: 'index',
      filter: money,
      sum: true,
      phone: 'amount',
    },
    {
      id: 'overdue',
      title: t('overdue'),
      kind: 'money',
      value: (row) => ({
        value: { minor: row.overdueMinor, currency: row.currency },
        tone: row.overdueMinor > 0 ? 'danger' : 'muted',
      }),
      width: 132,
      sort: 'index',
      filter: money,
      sum: true,
      bare: true,
    },
  ];
}

/** Chosen in the menu of columns. */
function hiddenColumns(t: Words): readonly Column<CustomerRow>[] {
  return [
    {
      id: 'creditLimitMinor',
      title: t('limit'),
      kind: 'money',
      value: ({ creditLimitMinor, currency }) =>
        creditLimitMinor === null ? null : { minor: creditLimitMinor, currency },
      width: 132,
      hidden: true,
    },
    {
      id: 'email',
      title: t('email'),
      kind: 'text',
      value: ({ email }) => email,
      width: 200,
      hidden: true,
    },
    {
      id: 'currency',
      title: t('currency'),
      kind: 'text',
      value: (row) => ({ value: row.currency, tone: 'muted' }),
      width: 84,
      sort: 'scan',
      hidden: true,
    },
    {
      id: 'archived',
      title: t('archived'),
      kind: 'check',
      value: ({ archived }) => archived,
      width: 92,
      filter: { type: 'bool' },
      hidden: true,
    },
    {
      id: 'createdAt',
      title: t('created'),
      kind: 'instant',
      value: ({ createdAt }) => ({ value: createdAt, tone: 'muted' }),
      width: 150,
      sort: 'index',
      hidden: true,
    },
  ];
}

import type { Column } from '@plinth/ui/grid';
import type { Translate } from '@plinth/ui/i18n';

import type english from '../../../messages/en/payments.json';
import type parts from '../../../messages/en/payment-parts.json';
import { methods } from '../../parts/payment-method.ts';
import { lookOfPayment, type PaymentRow } from '../../parts/payment-state.ts';

interface Words {
  readonly t: Translate<Extract<keyof typeof english, string>>;
  readonly p: Translate<Extract<keyof typeof parts, string>>;
}

const statuses = ['open', 'allocated', 'refunded'] as const;

/** The columns of the list: the names of the fields are the server's. */
export function paymentColumns(words: Words, currency: string): readonly Column<PaymentRow>[] {
  return [...nameColumns(words), ...stateColumns(words), ...amountColumns(words, currency)];
}

function nameColumns({ t }: Words): readonly Column<PaymentRow>[] {
  return [
    {
      id: 'number',
      title: t('number'),
      kind: 'link',
      value: ({ id, number }) => ({ value: number, href: `/payments/${id}` }),
      width: 132,
      sort: 'index',
      filter: { type: 'text' },
      phone: 'subtitle',
    },
    {
      id: 'customerName',
      title: t('customer'),
      kind: 'text',
      value: (row) => row.customerName,
      width: 140,
      grow: true,
      sort: 'index',
      filter: { type: 'text' },
      phone: 'title',
    },
    {
      id: 'receivedOn',
      title: t('received'),
      kind: 'date',
      value: (row) => row.receivedOn,
      width: 104,
      sort: 'index',
      filter: { type: 'date' },
    },
    {
      id: 'reference',
      title: t('reference'),
      kind: 'text',
      value: ({ reference }) => ({ value: reference, tone: 'muted' }),
      width: 160,
      filter: { type: 'text' },
      narrow: 'hide',
    },
  ];
}

function stateColumns({ t, p }: Words): readonly Column<PaymentRow>[] {
  return [
    {
      id: 'method',
      title: t('method'),
      kind: 'text',
      value: ({ method }) => ({ value: p(`method_${method}`), tone: 'muted' }),
      width: 116,
      filter: {
        type: 'enum',
        options: methods.map((value) => ({ value, label: p(`method_${value}`) })),
      },
      narrow: 'hide',
    },
    {
      id: 'status',
      title: t('status'),
      kind: 'status',
      value: (row) => ({ label: p(`status_${row.status}`), ...lookOfPayment(row) }),
      width: 116,
      filter: {
        type: 'enum',
        options: statuses.map((value) => ({ value, label: p(`status_${value}`) })),
      },
      phone: 'chip',
    },
  ];
}

function amountColumns({ t }: Words, currency: string): readonly Column<PaymentRow>[] {
  const money = { type: 'money', currency } as const;
  return [
    {
      id: 'amountMinor',
      title: t('amount'),
      kind: 'money',
      value: (row) => ({ minor: row.amountMinor, currency: row.currency }),
      width: 132,
      sort: 'index',
      filter: money,
      sum: true,
      phone: 'amount',
    },
    {
      id: 'unallocatedMinor',
      title: t('left'),
      kind: 'money',
      value: (row) => {
        const value = { minor: row.unallocatedMinor, currency: row.currency };
        return row.unallocatedMinor === 0 ? { value, tone: 'muted' } : value;
      },
      width: 120,
      sort: 'index',
      filter: money,
      sum: true,
      bare: true,
    },
    {
      id: 'updatedAt',
      title: t('changed'),
      kind: 'instant',
      value: ({ updatedAt }) => ({ value: updatedAt, tone: 'muted' }),
      width: 150,
      hidden: true,
    },
  ];
}
